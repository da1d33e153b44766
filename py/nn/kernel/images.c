// What augmentation does to images (batch, side, side): see pixels.py. `side` is a multiple of 4, and no more than PANEL.

#include "product.h"

enum { MARGIN = 2 };

// The pairs of numbers at four places: the first of each, and the second.
INLINE void load_pairs(const float *from, v128_t place, f32x4 *first, f32x4 *second) {
  v128_t low = wasm_v128_load64_zero(from + wasm_i32x4_extract_lane(place, 0));
  v128_t high = wasm_v128_load64_zero(from + wasm_i32x4_extract_lane(place, 2));
  low = wasm_v128_load64_lane(from + wasm_i32x4_extract_lane(place, 1), low, 1);
  high = wasm_v128_load64_lane(from + wasm_i32x4_extract_lane(place, 3), high, 1);
  *first = wasm_i32x4_shuffle(low, high, 0, 2, 4, 6), *second = wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
}

// out = x at the positions (row, column)[i][j] = Σ_pq basis[i][p] knots[p][q] basis[j][q]: a + right (b − a) of the pixels to
// the left and right of each, then the same between above and below. The sums are made as in product.h, over q once for each
// p. Each image is copied into a larger empty one, and positions are limited to that, so that NaN does no harm either.
EXPORT warp(int batch, int side, int count, const float *x, const float *basis, const float *knots, float *out, float *scratch) {
  int width = side + 2 * MARGIN;
  float *padded = scratch, *panel = padded + width * width, *sums = panel + count * PANEL, *rows = sums + 2 * count * PANEL;
  Entry *lists = (Entry *)(rows + 2 * PANEL), *entries = lists + side * count, *end;
  Entry **ends = (Entry **)(entries + count);
  clear(padded, width * width), pack(basis, 1, count, side, count, panel);
  for (int i = 0; i < side; i++) ends[i] = list(basis + i * count, 1, count, 0, PANEL, 1, lists + i * count);
  for (int n = 0; n < batch; n++, x += side * side) {
    for (int i = 0; i < side; i++) copy(x + i * side, padded + (i + MARGIN) * width + MARGIN, side);
    for (int p = 0; p < 2 * count; p++, knots += count) {
      end = list(knots, 1, count, 0, PANEL, 1, entries), tile(entries, end, panel, 0, 0, sums + p * PANEL, PANEL, 1);
    }
    for (int i = 0; i < side; i++) {
      const Entry *from = lists + i * count;
      for (int axis = 0; axis < 2; axis++) tile(from, ends[i], sums + axis * count * PANEL, 0, 0, rows + axis * PANEL, PANEL, 1);
      for (int j = 0; j < side; j += 4, out += 4) {
        f32x4 low = splat(0), high = splat(width - 1.001f), a, b, c, d;
        f32x4 row = lesser(larger(add(load(rows + j), splat(MARGIN)), low), high);
        f32x4 column = lesser(larger(add(load(rows + PANEL + j), splat(MARGIN)), low), high);
        v128_t top = wasm_i32x4_trunc_sat_f32x4(row), left = wasm_i32x4_trunc_sat_f32x4(column);
        v128_t place = wasm_i32x4_add(wasm_i32x4_mul(top, wasm_i32x4_splat(width)), left);
        f32x4 down = subtract(row, wasm_f32x4_convert_i32x4(top)), right = subtract(column, wasm_f32x4_convert_i32x4(left));
        load_pairs(padded, place, &a, &b), load_pairs(padded + width, place, &c, &d);
        a = multiply_add(right, subtract(b, a), a), c = multiply_add(right, subtract(d, c), c);
        store(out, multiply_add(down, subtract(c, a), a));
      }
    }
  }
}

// out = x, thickened and blurred by x + |share| (y − x), where y of a pixel is the largest of it and its four neighbors if the
// share of its image is positive, the smallest if it is negative, and to blur their mean; and then x + amount · numbers[place …],
// clipped to 0…1. All of it for one image after another, which stays in the first-level cache.
EXPORT roughen(int batch, int side, const float *x, const float *widths, const float *blurs, const float *amounts,
               const float *numbers, const int *places, float *out, float *scratch) {
  int width = side + 2, size = side * side;
  clear(scratch, width * width);
  for (int n = 0; n < batch; n++, x += size, out += size) {
    copy(x, out, size);
    for (int blur = 0; blur < 2; blur++) {
      float share = blur ? blurs[n] : widths[n];
      for (int i = 0; share && i < side; i++) copy(out + i * side, scratch + (i + 1) * width + 1, side);
      for (int i = 0; share && i < side; i++) {
        for (int j = 0; j < side; j += 4) {
          const float *at = scratch + (i + 1) * width + j + 1;
          f32x4 here = load(at), up = load(at - width), down = load(at + width), left = load(at - 1), right = load(at + 1), y;
          if (blur) y = multiply(add(add(add(up, down), add(left, right)), here), splat(0.2f));
          else if (share > 0) y = larger(larger(larger(up, down), larger(left, right)), here);
          else y = lesser(lesser(lesser(up, down), lesser(left, right)), here);
          store(out + i * side + j, add(here, multiply(wasm_f32x4_abs(splat(share)), subtract(y, here))));
        }
      }
    }
    for (int i = 0; i < size; i += 4) {
      f32x4 noisy = add(load(out + i), multiply(splat(amounts[n]), load(numbers + places[n] + i)));
      store(out + i, lesser(larger(noisy, splat(0)), splat(1)));
    }
  }
}
