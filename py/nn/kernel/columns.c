// Sums over the rows of a matrix (rows, columns), one for each column, and the batch normalization made of them.

#include "vector.h"

enum { PLAIN, PRODUCT, SQUARE };

// The sums of `count` columns, no more than 4 · vectors of them; see `sum`.
INLINE void sum_some(int rows, int columns, const float *a, const float *b, const float *center, float *sums, int count,
                     const int kind, const int vectors) {
  f32x4 total[4], middle[4];
  UNROLL for (int v = 0; v < vectors; v++) total[v] = splat(0);
  UNROLL for (int v = 0; v < vectors; v++) middle[v] = kind == SQUARE ? load_some(center + 4 * v, count) : total[v];
  for (int i = 0; i < rows; i++, a += columns, b += columns) {
    UNROLL for (int v = 0; v < vectors; v++) {
      f32x4 value = load_some(a + 4 * v, count);
      if (kind == PRODUCT) value = multiply(value, load_some(b + 4 * v, count));
      if (kind == SQUARE) value = subtract(value, middle[v]), value = multiply(value, value);
      total[v] = add(total[v], value);
    }
  }
  UNROLL for (int v = 0; v < vectors; v++, sums += 4) store_some(sums, add(load_some(sums, count), total[v]), count);
}

// sums (columns,) += those of a, of a · b, or of (a − center)². In pieces of 256 rows, so that rounding errors do not grow
// with the number of rows; 16 columns at a time, because an addition takes several cycles, in which others can begin.
INLINE void sum(int rows, int columns, const float *a, const float *b, const float *center, float *sums, const int kind) {
  for (int start = 0; start < rows; start += 256) {
    int some = smaller(256, rows - start), at = start * columns, j = 0;
    for (; j + 16 <= columns; j += 16) sum_some(some, columns, a + at + j, b + at + j, center + j, sums + j, 16, kind, 4);
    for (; j < columns; j += 4) sum_some(some, columns, a + at + j, b + at + j, center + j, sums + j, columns - j, kind, 1);
  }
}

// sums += Σ_rows x
EXPORT sum_rows(int rows, int columns, const float *x, float *sums) {
  sum(rows, columns, x, x, x, sums, PLAIN);
}

// moments (2, columns) = mean and variance of x over its rows
EXPORT moments(int rows, int columns, const float *x, float *moments) {
  float *variance = moments + columns;
  clear(moments, 2 * columns);
  sum(rows, columns, x, x, x, moments, PLAIN);
  for (int j = 0; j < columns; j++) moments[j] = moments[j] / rows;
  sum(rows, columns, x, x, moments, variance, SQUARE);
  for (int j = 0; j < columns; j++) variance[j] = variance[j] / rows;
}

// x̂ = (x − mean) · inverse,  y = γ x̂ + β
EXPORT batch_norm(int rows, int columns, const float *x, const float *mean, const float *inverse, const float *gamma,
                  const float *beta, float *x_hat, float *y) {
  for (int i = 0; i < rows; i++, x += columns, x_hat += columns, y += columns) {
    for (int j = 0, count = columns; j < columns; j += 4, count -= 4) {
      f32x4 centered = subtract(load_some(x + j, count), load_some(mean + j, count));
      f32x4 normal = multiply(centered, load_some(inverse + j, count));
      store_some(x_hat + j, normal, count);
      store_some(y + j, add(multiply(load_some(gamma + j, count), normal), load_some(beta + j, count)), count);
    }
  }
}

// dγ = Σ dy x̂,  dβ = Σ dy,  dx = scale · (dy − dβ / rows − x̂ dγ / rows); the gradients (2, columns) are dγ and dβ
EXPORT batch_norm_gradient(int rows, int columns, const float *dy, const float *x_hat, const float *scale, float *gradients,
                           float *dx) {
  float *gamma = gradients, *beta = gradients + columns, share = 1.0f / rows;
  clear(gradients, 2 * columns);
  sum(rows, columns, dy, x_hat, dy, gamma, PRODUCT);
  sum(rows, columns, dy, dy, dy, beta, PLAIN);
  for (int i = 0; i < rows; i++, dy += columns, x_hat += columns, dx += columns) {
    for (int j = 0, count = columns; j < columns; j += 4, count -= 4) {
      f32x4 shift = multiply(load_some(beta + j, count), splat(share));
      f32x4 slope = multiply(load_some(gamma + j, count), splat(share));
      f32x4 centered = subtract(load_some(dy + j, count), shift);
      centered = subtract(centered, multiply(load_some(x_hat + j, count), slope));
      store_some(dx + j, multiply(load_some(scale + j, count), centered), count);
    }
  }
}
