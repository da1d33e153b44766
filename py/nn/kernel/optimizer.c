// What moves the parameters: see Adam and WeightAverage in optimizers.py. Each number is read once and written once. The
// operations and their order are NumPy's, so the results are equal to the last bit.

#include "vector.h"

// m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   θ ← θ − rate · m / (√v + ε)   (Kingma and Ba 2015, algorithm 1)
// All parameters in one call: the table has five numbers for each, how many there are, and where θ, g, m and v are.
EXPORT adam(int parameters, const int *table, float rate, float beta1, float one_minus_beta1, float beta2,
            float one_minus_beta2, float epsilon) {
  for (const int *end = table + 5 * parameters; table < end; table += 5) {
    float *parameter = (float *)table[1], *gradient = (float *)table[2], *m = (float *)table[3], *v = (float *)table[4];
    for (int some = table[0]; some > 0; some -= 4, parameter += 4, gradient += 4, m += 4, v += 4) {
      f32x4 g = load_some(gradient, some), first = load_some(m, some), second = load_some(v, some);
      f32x4 mean = add(multiply(first, splat(beta1)), multiply(splat(one_minus_beta1), g));
      f32x4 square = add(multiply(second, splat(beta2)), multiply(splat(one_minus_beta2), multiply(g, g)));
      f32x4 move = divide(multiply(splat(rate), mean), add(wasm_f32x4_sqrt(square), splat(epsilon)));
      store_some(m, mean, some), store_some(v, square, some);
      store_some(parameter, subtract(load_some(parameter, some), move), some);
    }
  }
}

// mean ← mean + share · (now − mean)
EXPORT move_towards(int count, float *mean, const float *now, float share) {
  for (int i = 0; i < count; i += 4) {
    f32x4 before = load_some(mean + i, count - i), difference = subtract(load_some(now + i, count - i), before);
    store_some(mean + i, add(before, multiply(splat(share), difference)), count - i);
  }
}
