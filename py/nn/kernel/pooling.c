// Max pooling over images (batch, height, width, channels): see MaxPool2D in convolution.py.

#include "vector.h"

// y[n, i, j, c] = the largest of the size × size numbers of x from [n, size·i, size·j, c] on; NaN if one of them is.
EXPORT max_pool(int batch, int height, int width, int channels, int size, const float *x, float *y) {
  int rows = height / size, columns = width / size;
  for (int n = 0; n < batch; n++, x += height * width * channels) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++, y += channels) {
        const float *corner = x + (i * width + j) * size * channels;
        copy(corner, y, channels);
        for (int u = 0; u < size; u++) {
          for (int v = 0; v < size; v++) {
            const float *pixel = corner + (u * width + v) * channels;
            int c = 0;
            for (; c + 4 <= channels; c += 4) store(y + c, wasm_f32x4_max(load(y + c), load(pixel + c)));
            for (; c < channels; c++) y[c] = maximum_1(y[c], pixel[c]);
          }
        }
      }
    }
  }
}

// dx = dy at the pixel that won, shared where several are equal, and 0 elsewhere; dx is overwritten.
EXPORT max_pool_gradient(int batch, int height, int width, int channels, int size, const float *x, const float *y,
                         const float *dy, float *dx) {
  int rows = height / size, columns = width / size;
  for (int n = 0; n < batch; n++, x += height * width * channels, dx += height * width * channels) {
    clear(dx, height * width * channels);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++, y += channels, dy += channels) {
        int corner = (i * width + j) * size * channels, c = 0;
        for (; c + 4 <= channels; c += 4) {
          f32x4 best = load(y + c), winners = splat(0);
          for (int u = 0; u < size; u++) {
            for (int v = 0; v < size; v++) {
              winners = add(winners, is_equal(load(x + corner + (u * width + v) * channels + c), best));
            }
          }
          f32x4 share = divide(load(dy + c), winners);
          for (int u = 0; u < size; u++) {
            for (int v = 0; v < size; v++) {
              int at = corner + (u * width + v) * channels + c;
              store(dx + at, multiply(share, is_equal(load(x + at), best)));
            }
          }
        }
        for (; c < channels; c++) {
          float winners = 0;
          for (int u = 0; u < size; u++) {
            for (int v = 0; v < size; v++) winners += x[corner + (u * width + v) * channels + c] == y[c];
          }
          for (int u = 0; u < size; u++) {
            for (int v = 0; v < size; v++) {
              int at = corner + (u * width + v) * channels + c;
              dx[at] = dy[c] / winners * (x[at] == y[c] ? 1.0f : 0.0f);
            }
          }
        }
      }
    }
  }
}
