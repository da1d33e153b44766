// The small steps at both ends of a network: bytes to numbers, and the sum over a batch.

#include "vector.h"

// out = bytes / 255, from 0…255 to 0…1.
EXPORT from_bytes(int count, const unsigned char *bytes, float *out) {
  int i = 0;
  for (; i + 4 <= count; i += 4) {
    v128_t wide = wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(bytes + i)));
    store(out + i, wasm_f32x4_div(wasm_f32x4_convert_u32x4(wide), splat(255)));
  }
  for (; i < count; i++) out[i] = bytes[i] / 255.0f;
}

// sums (columns,) of x (rows, columns). In pieces of 256 rows, so that rounding does not grow with the number of rows.
EXPORT sum_rows(int rows, int columns, const float *x, float *sums) {
  for (int j = 0; j < columns; j++) sums[j] = 0;
  for (int start = 0; start < rows; start += 256, x += 256 * columns) {
    int end = rows - start < 256 ? rows - start : 256, j = 0;
    for (; j + 4 <= columns; j += 4) {
      f32x4 sum = splat(0);
      for (int i = 0; i < end; i++) sum = add(sum, load(x + i * columns + j));
      store(sums + j, add(load(sums + j), sum));
    }
    for (; j < columns; j++) {
      float sum = 0;
      for (int i = 0; i < end; i++) sum += x[i * columns + j];
      sums[j] += sum;
    }
  }
}
