// Max pooling over images (batch, height, width, channels): see MaxPool2D in convolution.py. `size` is a constant where it is
// the usual 2, so that the inner loops become straight code.

#include "vector.h"

INLINE void pool(int batch, int height, int width, int channels, const float *x, float *y, const int size) {
  int rows = height / size, columns = width / size;
  for (int n = 0; n < batch; n++, x += height * width * channels) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++, y += channels) {
        const float *corner = x + (i * width + j) * size * channels;
        for (int c = 0; c < channels; c += 4) {
          f32x4 best = load_some(corner + c, channels - c);
          UNROLL for (int u = 0; u < size; u++)
            UNROLL for (int v = 0; v < size; v++)
              best = larger(best, load_some(corner + (u * width + v) * channels + c, channels - c));
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

INLINE void pool_gradient(int height, int width, int channels, const float *x, const float *y, const float *dy, float *dx,
                          const int size) {
  if (height % size || width % size) clear(dx, height * width * channels);
  for (int i = 0; i < height / size; i++) {
    for (int j = 0; j < width / size; j++, y += channels, dy += channels) {
      for (int c = 0, corner = (i * width + j) * size * channels; c < channels; c += 4, corner += 4) {
        int some = channels - c;
        f32x4 best = load_some(y + c, some), winners = splat(0);
        UNROLL for (int u = 0; u < size; u++)
          UNROLL for (int v = 0; v < size; v++)
            winners = add(winners, is_equal(load_some(x + corner + (u * width + v) * channels, some), best));
        f32x4 share = divide(load_some(dy + c, some), winners);
        UNROLL for (int u = 0; u < size; u++)
          UNROLL for (int v = 0; v < size; v++) {
            int at = corner + (u * width + v) * channels;
            store_some(dx + at, multiply(share, is_equal(load_some(x + at, some), best)), some);
          }
      }
    }
  }
}

// dx = dy at the pixel that won, shared where several are equal, and 0 elsewhere; dx is overwritten.
EXPORT max_pool_gradient(int batch, int height, int width, int channels, int size, const float *x, const float *y,
                         const float *dy, float *dx) {
  int image = height * width * channels, pooled = (height / size) * (width / size) * channels;
  for (int n = 0; n < batch; n++, x += image, dx += image, y += pooled, dy += pooled) {
    if (size == 2) pool_gradient(height, width, channels, x, y, dy, dx, 2);
    else pool_gradient(height, width, channels, x, y, dy, dx, size);
  }
}
