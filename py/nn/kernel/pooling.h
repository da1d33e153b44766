// The gradient of max pooling, for one image (height, width, channels). `size` is a constant where it is the usual 2, as in
// pooling.c, so that the inner loops become straight code.

#pragma once
#include "vector.h"

INLINE void pool_gradient_of(int height, int width, int channels, const float *x, const float *y, const float *dy, float *dx,
                             const int size) {
  if (height % size || width % size) clear(dx, height * width * channels);
  for (int i = 0; i < height / size; i++) {
    for (int j = 0; j < width / size; j++, y += channels, dy += channels) {
      for (int c = 0, corner = (i * width + j) * size * channels; c < channels; c += 4, corner += 4) {
        int some = channels - c;
        f32x4 best = load_some(y + c, some), winners = splat(0);
        UNROLL for (int u = 0; u < size; u++) {
          UNROLL for (int v = 0; v < size; v++) {
            winners = add(winners, is_equal(load_some(x + corner + (u * width + v) * channels, some), best));
          }
        }
        f32x4 share = divide(load_some(dy + c, some), winners);
        UNROLL for (int u = 0; u < size; u++) {
          UNROLL for (int v = 0; v < size; v++) {
            int at = corner + (u * width + v) * channels;
            store_some(dx + at, multiply(share, is_equal(load_some(x + at, some), best)), some);
          }
        }
      }
    }
  }
}

INLINE void pool_gradient(int height, int width, int channels, int size, const float *x, const float *y, const float *dy,
                          float *dx) {
  if (size == 2) pool_gradient_of(height, width, channels, x, y, dy, dx, 2);
  else pool_gradient_of(height, width, channels, x, y, dy, dx, size);
}
