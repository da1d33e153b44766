// What moves the parameters: see Adam and WeightAverage in optimizers.py.
//
// In NumPy each operation reads and writes a whole array; here each number is read once and written once. The operations
// and their order are NumPy's, so the results are equal to the last bit.

#include "vector.h"

// m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   θ ← θ − rate · m / (√v + ε)   (Kingma and Ba 2015, algorithm 1)
INLINE void adam_update(int count, float *parameter, const float *gradient, float *m, float *v, float rate, float beta1,
                        float one_minus_beta1, float beta2, float one_minus_beta2, float epsilon) {
  int i = 0;
  for (; i + 4 <= count; i += 4) {
    f32x4 g = load(gradient + i);
    f32x4 mean = add(multiply(load(m + i), splat(beta1)), multiply(splat(one_minus_beta1), g));
    f32x4 square = add(multiply(load(v + i), splat(beta2)), multiply(splat(one_minus_beta2), multiply(g, g)));
    f32x4 move = divide(multiply(splat(rate), mean), add(wasm_f32x4_sqrt(square), splat(epsilon)));
    store(m + i, mean);
    store(v + i, square);
    store(parameter + i, subtract(load(parameter + i), move));
  }
  for (; i < count; i++) {
    float g = gradient[i];
    m[i] = m[i] * beta1 + one_minus_beta1 * g;
    v[i] = v[i] * beta2 + one_minus_beta2 * (g * g);
    parameter[i] = parameter[i] - rate * m[i] / (__builtin_sqrtf(v[i]) + epsilon);
  }
}

// All parameters in one call. The table has five numbers for each: how many there are, and where θ, g, m and v are.
EXPORT adam(int parameters, const int *table, float rate, float beta1, float one_minus_beta1, float beta2,
            float one_minus_beta2, float epsilon) {
  for (const int *end = table + 5 * parameters; table < end; table += 5) {
    adam_update(table[0], (float *)table[1], (float *)table[2], (float *)table[3], (float *)table[4], rate, beta1,
                one_minus_beta1, beta2, one_minus_beta2, epsilon);
  }
}

// mean ← mean + share · (now − mean)
EXPORT move_towards(int count, float *mean, const float *now, float share) {
  int i = 0;
  for (; i + 4 <= count; i += 4) {
    f32x4 before = load(mean + i);
    store(mean + i, add(before, multiply(splat(share), subtract(load(now + i), before))));
  }
  for (; i < count; i++) mean[i] = mean[i] + share * (now[i] - mean[i]);
}
