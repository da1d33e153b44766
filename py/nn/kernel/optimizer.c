// What moves the parameters: see Adam and WeightAverage in optimizers.py.
//
// In NumPy each operation reads and writes a whole array; here each number is read once and written once. The operations
// and their order are NumPy's, so the results are equal to the last bit.

#include "vector.h"

// m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   θ ← θ − rate · m / (√v + ε)   (Kingma and Ba 2015, algorithm 1)
INLINE void adam_update(int count, float *parameter, const float *gradient, float *m, float *v, float rate, float beta1,
                        float one_minus_beta1, float beta2, float one_minus_beta2, float epsilon) {
  for (int i = 0; i < count; i += 4) {
    int some = count - i;
    f32x4 g = load_some(gradient + i, some), first = load_some(m + i, some), second = load_some(v + i, some);
    f32x4 mean = add(multiply(first, splat(beta1)), multiply(splat(one_minus_beta1), g));
    f32x4 square = add(multiply(second, splat(beta2)), multiply(splat(one_minus_beta2), multiply(g, g)));
    f32x4 move = divide(multiply(splat(rate), mean), add(wasm_f32x4_sqrt(square), splat(epsilon)));
    store_some(m + i, mean, some);
    store_some(v + i, square, some);
    store_some(parameter + i, subtract(load_some(parameter + i, some), move), some);
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
  for (int i = 0; i < count; i += 4) {
    f32x4 before = load_some(mean + i, count - i), difference = subtract(load_some(now + i, count - i), before);
    store_some(mean + i, add(before, multiply(splat(share), difference)), count - i);
  }
}
