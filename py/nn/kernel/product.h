// The product of two float32 matrices, as fast as one core can compute it; and a convolution with its gradient, which are
// products too: one of the matrices has the windows of an image as its rows, and is never stored.
//
// Four ideas make it fast; the first, second and last are those of Goto and van de Geijn (2008, "Anatomy of
// High-Performance Matrix Multiplication"):
//
// The tile.     4 × 8 numbers of `out` stay in registers while k runs. Each step loads 4 numbers of a and 8 of b and does 32
//               multiply-adds with them: far more arithmetic than memory traffic. x86 has 16 vector registers: the tile
//               fills 8, and b, a and a product take 4. (With a fused multiply-add 6 × 8 would fit too, on paper: V8 then
//               runs out of registers, and is no faster where it does not.)
// Packing.      The tile needs its 4 numbers of a, and its 8 of b, side by side for each k. So strips of a and b are first
//               copied into `scratch` in that order. Copying also takes care of strides, transposition and windows.
// Zeros.        Images are mostly blank, and most of a gradient is 0 after max pooling and ReLU. Each k where all 4 numbers of
//               a are 0 adds nothing and is dropped. On MNIST this saves nearly half of the first layer's time.
// Blocks.       k is cut into pieces of DEPTH and n into pieces of WIDTH, so that a packed strip of a stays in the
//               first-level cache and a packed block of b in the second. The pieces of k add up in `out`.

#pragma once
#include "vector.h"

#define ROWS 4
#define COLUMNS 8
#define DEPTH 256
#define WIDTH 512

enum { BIAS = 1, ACCUMULATE = 2 };

// `scratch` in numbers: one tile, one strip of a, which k it has, one block of b. SCRATCH in __init__.py is its size.
#define TILE_SIZE (ROWS * COLUMNS)
#define STRIP_SIZE (ROWS * DEPTH)

// Where the numbers of a matrix are. Without windows (columns = 0), number j of row i is start[i * row + j * column].
// Otherwise row i is one window of images: `rows` × `columns` windows in each image, which is `image` numbers away from the
// next one. Windows side by side are `column` numbers apart, lines of an image `row`; `run` numbers of each line are inside.
typedef struct {
  const float *start;
  int row, column, rows, columns, run, image;
} Matrix;

INLINE Matrix strided(const float *start, int row, int column) { return (Matrix){start, row, column, 0, 0, 0, 0}; }

// A position in the sequence of all windows.
typedef struct {
  const float *at;
  int i, j;
} Window;

INLINE int smaller(int a, int b) { return a < b ? a : b; }

INLINE Window window(Matrix a, int index) {
  int line = index / a.columns, i = line % a.rows, j = index % a.columns;
  return (Window){a.start + line / a.rows * a.image + i * a.row + j * a.column, i, j};
}

// The window `count` places on, which is in the same line or is the first one of the next.
INLINE Window next(Matrix a, Window w, int count) {
  w.at += count * a.column;
  w.j += count;
  if (w.j < a.columns) return w;
  w.j = 0;
  w.at += a.row - a.columns * a.column;
  if (++w.i < a.rows) return w;
  w.i = 0;
  w.at += a.image - a.rows * a.row;
  return w;
}

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
// Only `lines` of them exist; the rest is filled with 0. `width` is a constant wherever this is inlined.
INLINE void pack(const float *from, int line, int step, int lines, int depth, float *packed, const int width) {
  int k = 0;
  if (lines == width && line == 1) { // the lines are side by side: copy four at a time
    for (; k < depth; k++) {
      UNROLL for (int i = 0; i < width; i += 4) store(packed + k * width + i, load(from + k * step + i));
    }
  } else if (lines == width && step == 1) { // along each line: transpose 4 × 4 numbers at a time
    for (; k + 4 <= depth; k += 4) {
      UNROLL for (int i = 0; i < width; i += 4) {
        const float *corner = from + i * line + k;
        store_transposed(load(corner), load(corner + line), load(corner + 2 * line), load(corner + 3 * line),
                         packed + k * width + i, width);
      }
    }
  }
  for (; k < depth; k++) {
    for (int i = 0; i < width; i++) packed[k * width + i] = i < lines ? from[i * line + k * step] : 0;
  }
}

// A strip of a matrix of windows: the numbers from `start` on of four windows. What would be beyond the last window repeats it.
INLINE void pack_windows(Matrix a, int first, int lines, int start, int depth, float *packed) {
  Window w = window(a, first);
  const float *w0 = w.at;
  if (lines > 1) w = next(a, w, 1);
  const float *w1 = w.at;
  if (lines > 2) w = next(a, w, 1);
  const float *w2 = w.at;
  if (lines > 3) w = next(a, w, 1);
  const float *w3 = w.at;
  int from = start % a.run, line = start / a.run * a.row; // in the current line of the windows
  while (depth > 0) {
    int length = smaller(a.run - from, depth), k = 0, at = line + from;
    if (a.column == 1 && w3 == w0 + 3) { // one channel, and side by side: the four numbers are too
      for (; k < length; k++, packed += 4) store(packed, load(w0 + at + k));
    }
    for (; k + 4 <= length; k += 4, packed += 16) {
      store_transposed(load(w0 + at + k), load(w1 + at + k), load(w2 + at + k), load(w3 + at + k), packed, 4);
    }
    for (; k < length; k++, packed += 4) {
      packed[0] = w0[at + k], packed[1] = w1[at + k], packed[2] = w2[at + k], packed[3] = w3[at + k];
    }
    depth -= length, from = 0, line += a.row;
  }
}

// The same with the windows along k: packed[k * COLUMNS + i] is number first + i of window start + k.
INLINE void pack_windows_across(Matrix b, int first, int lines, int start, int depth, float *packed) {
  Window w = window(b, start);
  for (int length; depth > 0; depth -= length, packed += length * COLUMNS, w = next(b, w, length)) {
    length = smaller(b.columns - w.j, depth); // windows in one line of the image
    const float *from = w.at + first / b.run * b.row + first % b.run;
    if (first % b.run + COLUMNS <= b.run) { // the eight numbers are side by side in the window
      for (int k = 0; k < length; k++, from += b.column) {
        store(packed + k * COLUMNS, load(from));
        store(packed + k * COLUMNS + 4, load(from + 4));
      }
      continue;
    }
    for (int i = 0; i < COLUMNS; i++) {
      from = w.at + (first + i) / b.run * b.row + (first + i) % b.run;
      for (int k = 0; k < length; k++, from += b.column) packed[k * COLUMNS + i] = i < lines ? *from : 0;
    }
  }
}

// Drops each k where all of a packed strip of a is 0, and lists where in b the others are; returns how many there are.
// If b is not finite, zeros count too: 0 · ∞ is NaN.
INLINE int drop_zeros(float *strip, int depth, int finite, int *places) {
  int count = 0;
  for (int k = 0; k < depth; k++) {
    f32x4 numbers = load(strip + k * ROWS);
    store(strip + count * ROWS, numbers);
    places[count] = k * COLUMNS;
    count += !(finite & wasm_i32x4_all_true(wasm_f32x4_eq(numbers, splat(0))));
  }
  return count;
}

// Whether none of the numbers is infinite or NaN: 0 times each of them is 0 then.
INLINE int all_finite(const float *numbers, int count) {
  f32x4 sum = splat(0);
  for (int i = 0; i < count; i += 4) sum = add(sum, multiply(load(numbers + i), splat(0)));
  return wasm_i32x4_all_true(wasm_f32x4_eq(sum, splat(0)));
}

// One tile of `out` from a packed strip of a and one of b; `rows` and `columns` of it are inside the matrix.
INLINE void tile(const float *a, const float *b, const int *places, int count, float *out, int out_row, int rows, int columns,
                 const float *bias, int flags, float *spare) {
  f32x4 sum[ROWS][2];
  UNROLL for (int i = 0; i < ROWS; i++) sum[i][0] = sum[i][1] = splat(0);
  for (const int *end = places + count; places < end; places++, a += ROWS) {
    f32x4 b0 = load(b + *places), b1 = load(b + *places + 4);
    UNROLL for (int i = 0; i < ROWS; i++) {
      f32x4 a_i = wasm_v128_load32_splat(a + i);
      sum[i][0] = multiply_add(a_i, b0, sum[i][0]);
      sum[i][1] = multiply_add(a_i, b1, sum[i][1]);
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
  } else { // at the right and lower edges: all of the tile into the scratch, and from there what is inside
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

// out (m, n) = a (m, k) b (k, n) + bias (n,); out and bias are contiguous. Without a bias, its address is 0.
INLINE void product(int m, int n, int k, Matrix a, Matrix b, float *out, const float *bias, float *scratch) {
  float *spare = scratch, *strip = spare + TILE_SIZE, *block = strip + STRIP_SIZE + DEPTH;
  int *places = (int *)(strip + STRIP_SIZE);
  for (int left = 0; left < n; left += WIDTH) {
    int width = smaller(WIDTH, n - left), start = 0;
    do { // once even if k is 0: the product is 0 then, and the bias is still added
      int depth = smaller(DEPTH, k - start);
      int flags = (start + depth == k && bias ? BIAS : 0) | (start ? ACCUMULATE : 0); // the bias comes with the last piece
      for (int j = 0; j < width; j += COLUMNS) {
        int columns = smaller(COLUMNS, width - j);
        float *packed = block + j * depth;
        if (b.columns) {
          pack_windows_across(b, left + j, columns, start, depth, packed);
        } else {
          pack(b.start + start * b.row + (left + j) * b.column, b.column, b.row, columns, depth, packed, COLUMNS);
        }
      }
      int finite = all_finite(block, (width + COLUMNS - 1) / COLUMNS * COLUMNS * depth);
      for (int i = 0; i < m; i += ROWS) {
        int rows = smaller(ROWS, m - i);
        if (a.columns) {
          pack_windows(a, i, rows, start, depth, strip);
        } else {
          pack(a.start + i * a.row + start * a.column, a.row, a.column, rows, depth, strip, ROWS);
        }
        int count = drop_zeros(strip, depth, finite, places);
        for (int j = 0; j < width; j += COLUMNS) {
          tile(strip, block + j * depth, places, count, out + i * n + left + j, n, rows, smaller(COLUMNS, width - j),
               bias + left + j, flags, spare);
        }
      }
      start += depth;
    } while (start < k);
  }
}
