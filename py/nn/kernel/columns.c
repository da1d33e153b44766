// Sums over the rows of a matrix (rows, columns), one for each column, and the batch normalization made of them.

#include "vector.h"

enum { PLAIN, PRODUCT, SQUARE };

// sums (columns,) of a, of a · b, or of (a − center)². In pieces of 256 rows, which stay in the first-level cache while each
// four columns are summed, and so that rounding errors do not grow with the number of rows.
INLINE void sum(int rows, int columns, const float *a, const float *b, const float *center, float *sums, const int kind) {
  for (int j = 0; j < columns; j++) sums[j] = 0;
  for (int start = 0; start < rows; start += 256, a += 256 * columns, b += kind == PRODUCT ? 256 * columns : 0) {
    int end = rows - start < 256 ? rows - start : 256, j = 0;
    for (; j + 4 <= columns; j += 4) {
      f32x4 total = splat(0), middle = kind == SQUARE ? load(center + j) : splat(0);
      for (int i = 0; i < end; i++) {
        f32x4 value = load(a + i * columns + j);
        if (kind == PRODUCT) value = multiply(value, load(b + i * columns + j));
        if (kind == SQUARE) value = subtract(value, middle), value = multiply(value, value);
        total = add(total, value);
      }
      store(sums + j, add(load(sums + j), total));
    }
    for (; j < columns; j++) {
      float total = 0;
      for (int i = 0; i < end; i++) {
        float value = a[i * columns + j];
        if (kind == PRODUCT) value = value * b[i * columns + j];
        if (kind == SQUARE) value = value - center[j], value = value * value;
        total += value;
      }
      sums[j] += total;
    }
  }
}

// sums = Σ_rows x
EXPORT sum_rows(int rows, int columns, const float *x, float *sums) { sum(rows, columns, x, x, x, sums, PLAIN); }

// moments (2, columns) = mean and variance of x over its rows
EXPORT moments(int rows, int columns, const float *x, float *moments) {
  float *variance = moments + columns;
  sum(rows, columns, x, x, x, moments, PLAIN);
  for (int j = 0; j < columns; j++) moments[j] = moments[j] / rows;
  sum(rows, columns, x, x, moments, variance, SQUARE);
  for (int j = 0; j < columns; j++) variance[j] = variance[j] / rows;
}

// x̂ = (x − mean) · inverse,  y = γ x̂ + β
EXPORT batch_norm(int rows, int columns, const float *x, const float *mean, const float *inverse, const float *gamma,
                  const float *beta, float *x_hat, float *y) {
  for (int i = 0; i < rows; i++, x += columns, x_hat += columns, y += columns) {
    int j = 0;
    for (; j + 4 <= columns; j += 4) {
      f32x4 normal = multiply(subtract(load(x + j), load(mean + j)), load(inverse + j));
      store(x_hat + j, normal);
      store(y + j, add(multiply(load(gamma + j), normal), load(beta + j)));
    }
    for (; j < columns; j++) {
      x_hat[j] = (x[j] - mean[j]) * inverse[j];
      y[j] = gamma[j] * x_hat[j] + beta[j];
    }
  }
}

// dγ = Σ dy x̂,  dβ = Σ dy,  dx = scale · (dy − dβ / rows − x̂ dγ / rows); the gradients (2, columns) are dγ and dβ
EXPORT batch_norm_gradient(int rows, int columns, const float *dy, const float *x_hat, const float *scale, float *gradients,
                           float *dx) {
  float *gamma = gradients, *beta = gradients + columns, share = 1.0f / rows;
  sum(rows, columns, dy, x_hat, dy, gamma, PRODUCT);
  sum(rows, columns, dy, dy, dy, beta, PLAIN);
  for (int i = 0; i < rows; i++, dy += columns, x_hat += columns, dx += columns) {
    int j = 0;
    for (; j + 4 <= columns; j += 4) {
      f32x4 shift = multiply(load(beta + j), splat(share)), slope = multiply(load(gamma + j), splat(share));
      f32x4 centered = subtract(subtract(load(dy + j), shift), multiply(load(x_hat + j), slope));
      store(dx + j, multiply(load(scale + j), centered));
    }
    for (; j < columns; j++) dx[j] = scale[j] * (dy[j] - beta[j] * share - x_hat[j] * (gamma[j] * share));
  }
}
