// Max pooling over images (batch, height, width, channels): see MaxPool2D in convolution.py.

#include "pooling.h"

INLINE void pool(int batch, int height, int width, int channels, const float *x, float *y, const int size) {
  int rows = height / size, columns = width / size;
  for (int n = 0; n < batch; n++, x += height * width * channels) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++, y += channels) {
        const float *corner = x + (i * width + j) * size * channels;
        for (int c = 0; c < channels; c += 4) {
          f32x4 best = load_some(corner + c, channels - c);
          UNROLL for (int u = 0; u < size; u++) {
            UNROLL for (int v = 0; v < size; v++) {
              best = wasm_f32x4_max(best, load_some(corner + (u * width + v) * channels + c, channels - c));
            }
          }
          store_some(y + c, best, channels - c);
        }
      }
    }
  }
}

// y[n, i, j, c] = the largest of the size × size numbers of x from [n, size·i, size·j, c] on; NaN if one of them is.
EXPORT max_pool(int batch, int height, int width, int channels, int size, const float *x, float *y) {
  if (size == 2) pool(batch, height, width, channels, x, y, 2);
  else pool(batch, height, width, channels, x, y, size);
}

// dx = dy at the pixel that won, shared where several are equal, and 0 elsewhere; dx is overwritten.
EXPORT max_pool_gradient(int batch, int height, int width, int channels, int size, const float *x, const float *y,
                         const float *dy, float *dx) {
  int image = height * width * channels, pooled = (height / size) * (width / size) * channels;
  for (int n = 0; n < batch; n++, x += image, dx += image, y += pooled, dy += pooled) {
    pool_gradient(height, width, channels, size, x, y, dy, dx);
  }
}
