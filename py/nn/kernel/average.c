// mean ← mean + share · (now − mean) over arrays of `count` numbers, rounded as NumPy rounds: see WeightAverage in
// optimizers.py.

#include "vector.h"

EXPORT move_towards(int count, float *mean, const float *now, float share) {
  int i = 0;
  for (; i + 4 <= count; i += 4) {
    f32x4 before = load(mean + i);
    store(mean + i, add(before, multiply(splat(share), wasm_f32x4_sub(load(now + i), before))));
  }
  for (; i < count; i++) mean[i] = mean[i] + share * (now[i] - mean[i]);
}
