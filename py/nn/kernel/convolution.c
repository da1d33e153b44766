// Convolution of images (batch, height, width, channels): see Conv2D in convolution.py. P has all their windows as its rows.
// P is never stored: the product reads the windows where they are in x. The images are padded already.

#include "product.h"

INLINE Matrix windows(const float *x, int height, int width, int channels, int size) {
  return (Matrix){x,    width * channels, channels, height - size + 1, width - size + 1, size * channels,
                  height * width * channels};
}

// out (batch, height + 2 padding, width + 2 padding, channels) = x with `padding` rows and columns of 0 around each image
EXPORT pad(int batch, int height, int width, int channels, int padding, const float *x, float *out) {
  int line = width * channels, margin = padding * channels, border = padding * (line + 2 * margin);
  for (int n = 0; n < batch; n++) {
    clear(out, border), out += border;
    for (int i = 0; i < height; i++, x += line, out += line + 2 * margin) {
      clear(out, margin);
      copy(x, out + margin, line);
      clear(out + margin + line, margin);
    }
    clear(out, border), out += border;
  }
}

// Y (windows, filters) = P W + b, where W is (size · size · channels, filters)
EXPORT convolve(int batch, int height, int width, int channels, int size, const float *x, int filters, const float *weights,
                float *y, const float *bias, float *scratch) {
  Matrix P = windows(x, height, width, channels, size);
  product(batch * P.rows * P.columns, filters, size * P.run, P, strided(weights, filters, 1), y, bias, scratch);
}

// (dL/dW)ᵀ (filters, size · size · channels) = dL/dYᵀ P; dL/dY is on this side because it has more zeros
EXPORT convolve_weight_gradient(int batch, int height, int width, int channels, int size, const float *x, int filters,
                                const float *dy, float *gradient, float *scratch) {
  Matrix P = windows(x, height, width, channels, size);
  product(filters, size * P.run, batch * P.rows * P.columns, strided(dy, 1, filters), P, gradient, 0, scratch);
}

// dL/dx from dL/dP = dL/dY Wᵀ: each pixel sums over all the windows it is part of. One image at a time, so that its dP
// (windows of an image, size · size · channels) stays in the cache. Here height and width are without padding.
EXPORT convolve_input_gradient(int batch, int height, int width, int channels, int size, int padding, int filters,
                               const float *dy, const float *weights, float *dx, float *dP, float *scratch) {
  int rows = height + 2 * padding - size + 1, columns = width + 2 * padding - size + 1, run = size * channels;
  for (int n = 0; n < batch; n++, dx += height * width * channels, dy += rows * columns * filters) {
    product(rows * columns, size * run, filters, strided(dy, filters, 1), strided(weights, 1, filters), dP, 0, scratch);
    clear(dx, height * width * channels);
    const float *from = dP;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int left = j - padding, first = left < 0 ? 0 : left, last = left + size > width ? width : left + size;
        for (int u = i - padding; u < i - padding + size; u++, from += run) {
          if (u < 0 || u >= height) continue;
          add_to(from + (first - left) * channels, dx + (u * width + first) * channels, (last - first) * channels);
        }
      }
    }
  }
}
