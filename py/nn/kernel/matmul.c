#include "product.h"

// out (m, n) = a (m, k) b (k, n) + bias (n,), where a[i][p] is a[i * a_row + p * a_column], and likewise b
EXPORT matmul(int m, int n, int k, const float *a, int a_row, int a_column, const float *b, int b_row, int b_column,
              float *out, const float *bias, float *scratch) {
  product(m, n, k, strided(a, a_row, a_column), strided(b, b_row, b_column), out, bias, scratch);
}
