// What convolution and pooling do besides the matrix product. All arrays are contiguous; images are (batch, height, width,
// channels), so that the numbers of a pixel are side by side, and so are those of its neighbors along a row.

#include "vector.h"

INLINE void copy(const float *from, float *to, int count) {
  int i = 0;
  for (; i + 4 <= count; i += 4) store(to + i, load(from + i));
  for (; i < count; i++) to[i] = from[i];
}

INLINE void clear(float *to, int count) {
  int i = 0;
  for (; i + 4 <= count; i += 4) store(to + i, splat(0));
  for (; i < count; i++) to[i] = 0;
}

INLINE void add_to(const float *from, float *to, int count) {
  int i = 0;
  for (; i + 4 <= count; i += 4) store(to + i, add(load(to + i), load(from + i)));
  for (; i < count; i++) to[i] = to[i] + from[i];
}

INLINE int clamp(int value, int low, int high) { return value < low ? low : value > high ? high : value; }

// P (batch · rows · columns, size · size · channels): every window of x as a row; 0 outside the image ("im2col").
EXPORT windows(int batch, int height, int width, int channels, int size, int padding, const float *x, float *out) {
  int rows = height + 2 * padding - size + 1, columns = width + 2 * padding - size + 1, run = size * channels;
  for (int n = 0; n < batch; n++, x += height * width * channels) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int left = j - padding;
        int first = clamp(left, 0, width), last = clamp(left + size, 0, width); // the columns inside the image
        int before = (first - left) * channels, inside = (last - first) * channels;
        for (int u = i - padding; u < i - padding + size; u++, out += run) {
          if (u < 0 || u >= height || inside <= 0) {
            clear(out, run);
            continue;
          }
          clear(out, before);
          copy(x + (u * width + first) * channels, out + before, inside);
          clear(out + before + inside, run - before - inside);
        }
      }
    }
  }
}

// dL/dx from dL/dP: each pixel sums over all the windows it is part of. x is overwritten.
EXPORT windows_gradient(int batch, int height, int width, int channels, int size, int padding, const float *grad,
                        float *x) {
  int rows = height + 2 * padding - size + 1, columns = width + 2 * padding - size + 1, run = size * channels;
  for (int n = 0; n < batch; n++, x += height * width * channels) {
    clear(x, height * width * channels);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int left = j - padding;
        int first = clamp(left, 0, width), last = clamp(left + size, 0, width);
        int before = (first - left) * channels, inside = (last - first) * channels;
        for (int u = i - padding; u < i - padding + size; u++, grad += run) {
          if (u >= 0 && u < height) add_to(grad + before, x + (u * width + first) * channels, inside);
        }
      }
    }
  }
}

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
