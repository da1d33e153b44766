// out = a b, the product of two float32 matrices of any strides, as fast as one core can.
//
// Four ideas make it fast; the first, second and last are those of Goto and van de Geijn (2008, "Anatomy of
// High-Performance Matrix Multiplication"):
//
// The tile.     4 × 8 numbers of `out` stay in registers while k runs. Each step loads 4 numbers of a and 8 of b and does 32
//               multiply-adds with them: far more arithmetic than memory traffic. x86 has 16 vector registers: the tile
//               fills 8, and b, a and a product take 4. (With a fused multiply-add 6 × 8 would fit too, on paper: V8 then
//               runs out of registers, and is no faster where it does not.)
// Packing.      The tile wants its 4 numbers of a, and its 8 of b, side by side for each k. So strips of a and b are first
//               copied into `scratch` in just that order. Copying also takes care of every stride and transposition.
// Zeros.        Images are mostly paper: where all 4 numbers of a are 0, that k adds nothing and is left out. On MNIST's
//               this saves nearly half of the first layer's time.
// Blocks.       k is cut into pieces of DEPTH and n into pieces of WIDTH, so that a packed strip of a stays in the
//               first-level cache and a packed block of b in the second. The pieces of k add up in `out`.

#include "vector.h"

#define ROWS 4
#define COLUMNS 8
#define DEPTH 256
#define WIDTH 512

enum { BIAS = 1, ACCUMULATE = 2 };

// `scratch` in numbers: one tile, one strip of a, its runs, one block of b. SCRATCH in __init__.py is its size.
#define TILE_SIZE (ROWS * COLUMNS)
#define STRIP_SIZE (ROWS * DEPTH)
#define RUNS_SIZE (2 * DEPTH)

// Gaps that are shorter than this are not worth a new run.
#define SHORTEST_GAP 4

INLINE int smaller(int a, int b) { return a < b ? a : b; }

// Four vectors as the rows of a 4 × 4 matrix, transposed: to[j] gets the j-th number of each.
INLINE void store_transposed(f32x4 a, f32x4 b, f32x4 c, f32x4 d, float *to, int stride) {
  f32x4 ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
  f32x4 cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  store(to, wasm_i64x2_shuffle(ab_low, cd_low, 0, 2));
  store(to + stride, wasm_i64x2_shuffle(ab_low, cd_low, 1, 3));
  store(to + 2 * stride, wasm_i64x2_shuffle(ab_high, cd_high, 0, 2));
  store(to + 3 * stride, wasm_i64x2_shuffle(ab_high, cd_high, 1, 3));
}

// Copies a strip, `width` lines of `depth` numbers, so that packed[k * width + i] = from[i * line + k * step].
// Only `lines` of them are there; the rest is filled with 0. `width` is a constant wherever this is inlined.
INLINE void pack(const float *from, int line, int step, int lines, int depth, float *packed, const int width) {
  int k = 0;
  if (lines == width && line == 1) { // the lines lie side by side: copy four at a time, the last four overlapping
    for (; k < depth; k++) {
      UNROLL for (int i = 0; i < width; i += 4) {
        const int at = i + 4 <= width ? i : width - 4;
        store(packed + k * width + at, load(from + k * step + at));
      }
    }
  } else if (lines == width && step == 1) { // along each line: transpose 4 × 4 numbers at a time
    for (; k + 4 <= depth; k += 4) {
      UNROLL for (int i = 0; i < width; i += 4) {
        const int at = i + 4 <= width ? i : width - 4;
        const float *corner = from + at * line + k;
        store_transposed(load(corner), load(corner + line), load(corner + 2 * line), load(corner + 3 * line),
                         packed + k * width + at, width);
      }
    }
  }
  for (; k < depth; k++) {
    for (int i = 0; i < width; i++) packed[k * width + i] = i < lines ? from[i * line + k * step] : 0;
  }
}

// The runs of k over which a packed strip of a is not all 0: first and end of each into `runs`; returns how many there are.
// Where b is not finite, zeros count too: 0 · ∞ is NaN.
INLINE int find_runs(const float *strip, int depth, int finite, int *runs) {
  int count = 0, end = -SHORTEST_GAP;
  for (int k = 0; k < depth; k++) {
    if (finite && wasm_i32x4_all_true(wasm_f32x4_eq(load(strip + k * ROWS), splat(0)))) continue;
    if (k - end >= SHORTEST_GAP) runs[2 * count++] = k;
    runs[2 * count - 1] = end = k + 1;
  }
  return count;
}

// Whether none of the numbers is infinite or NaN: 0 times each of them is 0 then.
INLINE int all_finite(const float *numbers, int count) {
  f32x4 sum = splat(0);
  for (int i = 0; i < count; i += 4) sum = add(sum, multiply(load(numbers + i), splat(0)));
  return wasm_i32x4_all_true(wasm_f32x4_eq(sum, splat(0)));
}

// One tile of `out` from a packed strip of a and one of b; `rows` and `columns` of it lie inside the matrix.
INLINE void tile(const float *a, const float *b, const int *runs, int run_count, float *out, int out_row, int rows, int columns,
                 const float *bias, int flags, float *spare) {
  f32x4 sum[ROWS][2];
  UNROLL for (int i = 0; i < ROWS; i++) sum[i][0] = sum[i][1] = splat(0);
  for (const int *run = runs; run < runs + 2 * run_count; run += 2) {
    const float *a_k = a + run[0] * ROWS, *b_k = b + run[0] * COLUMNS, *end = a + run[1] * ROWS;
    for (; a_k < end; a_k += ROWS, b_k += COLUMNS) {
      f32x4 b0 = load(b_k), b1 = load(b_k + 4);
      UNROLL for (int i = 0; i < ROWS; i++) {
        f32x4 a_i = wasm_v128_load32_splat(a_k + i);
        sum[i][0] = multiply_add(a_i, b0, sum[i][0]);
        sum[i][1] = multiply_add(a_i, b1, sum[i][1]);
      }
    }
  }

  if (rows == ROWS && columns == COLUMNS) {
    UNROLL for (int i = 0; i < ROWS; i++) {
      UNROLL for (int j = 0; j < 2; j++) {
        float *place = out + i * out_row + 4 * j;
        f32x4 value = sum[i][j];
        if (flags & ACCUMULATE) value = add(load(place), value);
        if (flags & BIAS) value = add(value, load(bias + 4 * j));
        store(place, value);
      }
    }
  } else { // at the right and lower edges: the whole tile into the scratch, and from there what lies inside
    UNROLL for (int i = 0; i < ROWS; i++) {
      store(spare + i * COLUMNS, sum[i][0]);
      store(spare + i * COLUMNS + 4, sum[i][1]);
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        float *place = out + i * out_row + j;
        float value = spare[i * COLUMNS + j];
        if (flags & ACCUMULATE) value = *place + value;
        if (flags & BIAS) value = value + bias[j];
        *place = value;
      }
    }
  }
}

// out (m, n) = a (m, k) b (k, n) + bias (n,), where a[i][p] is a[i * a_row + p * a_column], and likewise b; out and bias are
// contiguous. Without a bias, its address is 0.
EXPORT matmul(int m, int n, int k, const float *a, int a_row, int a_column, const float *b, int b_row, int b_column,
              float *out, const float *bias, float *scratch) {
  float *spare = scratch, *strip = spare + TILE_SIZE, *block = strip + STRIP_SIZE + RUNS_SIZE;
  int *runs = (int *)(strip + STRIP_SIZE);
  for (int left = 0; left < n; left += WIDTH) {
    int width = smaller(WIDTH, n - left), start = 0;
    do { // once even if k is 0: the product is 0 then, and the bias is still added
      int depth = smaller(DEPTH, k - start);
      int flags = (start + depth == k && bias ? BIAS : 0) | (start ? ACCUMULATE : 0); // the bias comes with the last piece
      for (int j = 0; j < width; j += COLUMNS) {
        pack(b + start * b_row + (left + j) * b_column, b_column, b_row, smaller(COLUMNS, width - j), depth,
             block + j * depth, COLUMNS);
      }
      int finite = all_finite(block, (width + COLUMNS - 1) / COLUMNS * COLUMNS * depth);
      for (int i = 0; i < m; i += ROWS) {
        int rows = smaller(ROWS, m - i);
        pack(a + i * a_row + start * a_column, a_row, a_column, rows, depth, strip, ROWS);
        int run_count = find_runs(strip, depth, finite, runs);
        for (int j = 0; j < width; j += COLUMNS) {
          tile(strip, block + j * depth, runs, run_count, out + i * n + left + j, n, rows,
               smaller(COLUMNS, width - j), bias + left + j, flags, spare);
        }
      }
      start += depth;
    } while (start < k);
  }
}
