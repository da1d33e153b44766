// Convolution of images (batch, height, width, channels): see Conv2D in convolution.py. P has all their windows as its rows.
// P is never stored: a window is `size` lines of an image, each of size · channels numbers without gaps. Rows of `out` and
// lists of numbers that are not 0 are those of product.h.

#include "product.h"

EXPORT sum_rows(int, int, const float *, float *);
EXPORT max_pool_gradient(int, int, int, int, int, const float *, const float *, const float *, float *);

// y of a window is the sum over the lists of its pixels, which are one list in each of its `size` rows.
INLINE void window(Entry *const *pixels, int line, int size, const float *panel, int step, const float *bias, float *y,
                   int columns, const int wide) {
  Sums sums = {0};
  for (int u = 0; u < size; u++, pixels += line, panel += step) add_entries(pixels[0], pixels[size], panel, &sums, wide);
  store_sums(&sums, 0, bias, y, columns, wide);
}

// Y = P W + b for one image, whose pixels are listed once, not once for each window. Without a bias this is dL/dx, a
// convolution of dL/dY with the weights turned around: there, what is outside of the image is no window at all, while here
// a 0 around the image times an infinite weight is NaN.
INLINE void convolve_image(int height, int width, int channels, int size, int padding, const float *x, int filters,
                           const float *panels, int finite, float *y, const float *bias, float *zero) {
  int line = width + 2 * padding, rows = height + 2 * padding - size + 1, columns = line - size + 1;
  Entry **pixels = (Entry **)(zero + 1), **pixel = pixels, *to = (Entry *)(pixels + line * (height + 2 * padding) + 1);
  *zero = 0;
  for (int i = -padding; i < height + padding; i++) {
    for (int j = -padding; j < width + padding; j++) {
      int inside = i >= 0 && i < height && j >= 0 && j < width, place = (j + padding) * channels * PANEL;
      *pixel++ = to;
      if (inside) to = list(x + (i * width + j) * channels, 1, channels, place, PANEL, finite, to);
      else if (bias && !finite) to = list(zero, 0, channels, place, PANEL, 0, to);
    }
  }
  *pixel = to;
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < columns; j++, y += filters) {
      for (int left = 0; left < filters; left += PANEL) {
        const float *panel = panels + (left * size * size - j * PANEL) * channels, *before = bias ? bias + left : 0;
        int step = size * channels * PANEL, count = smaller(PANEL, filters - left);
        if (count > PANEL / 2) window(pixels + i * line + j, line, size, panel, step, before, y + left, count, 1);
        else window(pixels + i * line + j, line, size, panel, step, before, y + left, count, 0);
      }
    }
  }
}

// Y (windows, filters) = P W + b, where W is (size · size · channels, filters)
EXPORT convolve(int batch, int height, int width, int channels, int size, int padding, const float *x, int filters,
                const float *weights, float *y, const float *bias, float *scratch) {
  int depth = size * size * channels, finite = pack(weights, filters, 1, filters, depth, scratch);
  int outputs = (height + 2 * padding - size + 1) * (width + 2 * padding - size + 1) * filters;
  float *lists = scratch + (filters + PANEL - 1) / PANEL * PANEL * depth;
  for (int n = 0; n < batch; n++, x += height * width * channels, y += outputs) {
    convolve_image(height, width, channels, size, padding, x, filters, scratch, finite, y, bias, lists);
  }
}

// sums (count,) += Σ value · b[place …]
INLINE void add_products(const Entry *from, const Entry *end, const float *b, float *sums, int count) {
  int j = 0;
  for (; j + PANEL / 2 < count; j += PANEL) tile(from, end, b + j, sums + j, 0, sums + j, smaller(PANEL, count - j), 1);
  if (j < count) tile(from, end, b + j, sums + j, 0, sums + j, count - j, 0);
}

// dL/dW (size · size · channels, filters) = Pᵀ dL/dY, dL/db = Σ dL/dY, and dL/dx where it is wanted, one image at a time.
// Where the lines of a window are long, dL/dY is listed, which has more zeros, and P is read in place. Where they are shorter
// than a few vectors, P is listed: its columns for the same v differ only in the lines where they begin and end, so that one
// list serves them all. If max pooling follows, dy is its gradient, and dL/dY is made of it here, in the cache.
EXPORT convolve_gradients(int batch, int height, int width, int channels, int size, int padding, const float *x, int filters,
                          const float *dy, float *gradient, float *bias, const float *turned, float *dx, int pool,
                          const float *y, const float *pooled, float *scratch) {
  int line = (width + 2 * padding) * channels, lines = height + 2 * padding, run = size * channels, depth = size * run;
  int rows = lines - size + 1, columns = width + 2 * padding - size + 1, row = columns * filters;
  int few = run < PANEL / 2 && filters % (PANEL / 2) == 0; // so that what is read of dL/dY never ends beyond it
  int step = pool ? (rows / pool) * (columns / pool) * filters : rows * row;
  float *padded = scratch, *transposed = padded + line * lines + PANEL, *dY = transposed + depth * filters;
  float *panels = dY + rows * row, *lists = panels + (channels + PANEL - 1) / PANEL * PANEL * size * size * filters;
  Entry **starts = (Entry **)lists, **ends = starts, *entries = (Entry *)(starts + lines + 4), *to;
  int finite_weights = dx ? pack(turned, channels, 1, channels, size * size * filters, panels) : 0;
  clear(scratch, dY - scratch), clear(gradient, depth * filters), clear(bias, filters);
  for (int n = 0; n < batch; n++, dy += step, pooled += step, y += rows * row) {
    if (pool) max_pool_gradient(1, rows, columns, filters, pool, y, pooled, dy, dY);
    const float *given = pool ? dY : dy;
    for (int i = padding; i < height + padding; i++, x += width * channels) {
      copy(x, padded + i * line + padding * channels, width * channels);
    }
    sum_rows(rows * columns, filters, given, bias);
    int finite = few ? all_finite(bias, filters) : all_finite(padded, line * lines); // a sum is if all its numbers are
    for (int c = 0; few && c < run; c++) { // v and channel
      to = entries;
      for (int i = 0; i < lines; i++) {
        starts[i] = to;
        to = list(padded + i * line + c, channels, columns, i * row, filters, finite, to);
      }
      starts[lines] = to;
      for (int u = 0; u < size; u++) {
        add_products(starts[u], starts[u + rows], given - u * row, gradient + (u * run + c) * filters, filters);
      }
    }
    for (int f = 0, some; !few && f < filters; f += some) {
      some = f + 4 <= filters ? 4 : 1;
      for (int g = 0; g < some; g++) ends[g] = entries + g * rows * columns;
      for (int i = 0; i < rows; i++) list_columns(some, given + i * row + f, filters, columns, i * line, channels, finite, ends);
      for (int g = 0; g < some; g++) {
        float *sums = transposed + (f + g) * depth;
        for (int u = 0; u < size; u++) add_products(entries + g * rows * columns, ends[g], padded + u * line, sums + u * run, run);
      }
    }
    if (!dx) continue;
    convolve_image(rows, columns, filters, size, size - 1 - padding, given, channels, panels, finite_weights, dx, 0, lists);
    dx += height * width * channels;
  }
  for (int k = 0; k < depth; k++) {
    for (int f = 0; f < filters; f++) gradient[k * filters + f] += transposed[f * depth + k];
  }
}
