// The rectified linear unit and its gradient over arrays of `count` numbers: see ReLU in layers.py.

#include "vector.h"

// out = max(x, 0)
EXPORT relu(int count, const float *x, float *out) {
  int i = 0;
  for (; i + 4 <= count; i += 4) store(out + i, positive_part(load(x + i)));
  for (; i < count; i++) out[i] = positive_part_1(x[i]);
}

// out = grad · (y > 0)
EXPORT relu_gradient(int count, const float *grad, const float *y, float *out) {
  int i = 0;
  for (; i + 4 <= count; i += 4) store(out + i, where_positive(load(grad + i), load(y + i)));
  for (; i < count; i++) out[i] = where_positive_1(grad[i], y[i]);
}
