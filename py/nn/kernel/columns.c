// Sums over the rows of a matrix (rows, columns), one for each column, and the batch normalization made of them.

#include "sum.h"

// sums = Σ_rows x
EXPORT sum_rows(int rows, int columns, const float *x, float *sums) {
  clear(sums, columns);
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
