// Sums over the rows of a matrix (rows, columns), one for each column.

#pragma once
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
    int some = smaller(256, rows - start), from = start * columns, j = 0;
    for (; j + 16 <= columns; j += 16) {
      sum_some(some, columns, a + from + j, b + from + j, center + j, sums + j, 16, kind, 4);
    }
    for (; j < columns; j += 4) {
      sum_some(some, columns, a + from + j, b + from + j, center + j, sums + j, columns - j, kind, 1);
    }
  }
}
