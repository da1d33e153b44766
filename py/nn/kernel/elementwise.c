// What is done with each number for itself, over arrays of `count` of them.

#include "vector.h"

// out = bytes / 255, from 0…255 to 0…1
EXPORT from_bytes(int count, const unsigned char *bytes, float *out) {
  int i = 0;
  for (; i + 4 <= count; i += 4) {
    v128_t wide = wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(bytes + i)));
    store(out + i, divide(wasm_f32x4_convert_u32x4(wide), splat(255)));
  }
  for (; i < count; i++) out[i] = bytes[i] / 255.0f;
}

// out = max(x, 0); like np.maximum, the instruction lets NaN through.
EXPORT relu(int count, const float *x, float *out) {
  for (int i = 0; i < count; i += 4) {
    store_some(out + i, larger(load_some(x + i, count - i), splat(0)), count - i);
  }
}

// out = grad · (y > 0): a product, so that infinity where y is not positive becomes NaN as in NumPy.
EXPORT relu_gradient(int count, const float *grad, const float *y, float *out) {
  for (int i = 0; i < count; i += 4) {
    f32x4 positive = wasm_v128_and(wasm_f32x4_gt(load_some(y + i, count - i), splat(0)), splat(1));
    store_some(out + i, multiply(load_some(grad + i, count - i), positive), count - i);
  }
}
