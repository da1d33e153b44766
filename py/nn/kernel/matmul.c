#include "product.h"

// out (m, n) = a (m, k) b (k, n) + bias (n,), where a[i][p] is a[i * a_row + p * a_column], and likewise b. Without a bias,
// its address is 0. The size of the scratch memory is SCRATCH in __init__.py.
EXPORT matmul(int m, int n, int k, const float *a, int a_row, int a_column, const float *b, int b_row, int b_column,
              float *out, const float *bias, float *scratch) {
  Entry *lists = (Entry *)scratch, **ends = (Entry **)(lists + ROWS * DEPTH);
  float *panels = (float *)(ends + ROWS);
  for (int left = 0; left < n; left += WIDTH) {
    int width = smaller(WIDTH, n - left), start = 0;
    do { // once even if k is 0: the product is 0 then, and the bias is still added, as it is with the last piece
      int depth = smaller(DEPTH, k - start), last = bias && start + depth == k;
      int finite = pack(b + start * b_row + left * b_column, b_row, b_column, width, depth, panels);
      for (int i = 0; i < m; i += ROWS) {
        int rows = smaller(ROWS, m - i);
        const float *from = a + i * a_row + start * a_column;
        for (int r = 0; r < rows; r++) ends[r] = lists + r * DEPTH;
        for (int r = 0, some; r < rows; r += some) {
          some = a_row == 1 && r + 4 <= rows ? 4 : 1;
          list_columns(some, from + r * a_row, a_column, depth, 0, PANEL, finite, ends + r);
        }
        for (int j = 0; j < width; j += PANEL) {
          for (int r = 0; r < rows; r++) {
            float *to = out + (i + r) * n + left + j;
            tile(lists + r * DEPTH, ends[r], panels + j * depth, start ? to : 0, last ? bias + left + j : 0, to,
                 smaller(PANEL, width - j), 1);
          }
        }
      }
      start += depth;
    } while (start < k);
  }
}
