// What every part of the kernel uses: four floats at a time, and how functions are exported.
//
// The module has no memory, no stack and no data of its own: it works on NumPy's arrays in place, in Pyodide's memory, which
// it imports. So a function here keeps everything in local variables: WebAssembly has any number of them.

#pragma once
#include <wasm_simd128.h>

typedef v128_t f32x4;

#define EXPORT __attribute__((visibility("default"))) void
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE int smaller(int a, int b) { return a < b ? a : b; }
INLINE f32x4 load(const float *from) { return wasm_v128_load(from); }
INLINE void store(float *to, f32x4 value) { wasm_v128_store(to, value); }
INLINE f32x4 splat(float value) { return wasm_f32x4_splat(value); }
INLINE f32x4 add(f32x4 a, f32x4 b) { return wasm_f32x4_add(a, b); }
INLINE f32x4 subtract(f32x4 a, f32x4 b) { return wasm_f32x4_sub(a, b); }
INLINE f32x4 multiply(f32x4 a, f32x4 b) { return wasm_f32x4_mul(a, b); }
INLINE f32x4 larger(f32x4 a, f32x4 b) { return wasm_f32x4_max(a, b); }
INLINE f32x4 lesser(f32x4 a, f32x4 b) { return wasm_f32x4_min(a, b); }
INLINE f32x4 divide(f32x4 a, f32x4 b) { return wasm_f32x4_div(a, b); }

// The first `count` numbers from an address on, at most four, and 0 for the others: for the end of an array or a row.
INLINE f32x4 load_some(const float *from, int count) {
  if (count >= 4) return load(from);
  f32x4 value = wasm_v128_load32_zero(from);
  if (count > 1) value = wasm_v128_load32_lane(from + 1, value, 1);
  return count > 2 ? wasm_v128_load32_lane(from + 2, value, 2) : value;
}

INLINE void store_some(float *to, f32x4 value, int count) {
  if (count >= 4) return store(to, value);
  wasm_v128_store32_lane(to, value, 0);
  if (count > 1) wasm_v128_store32_lane(to + 1, value, 1);
  if (count > 2) wasm_v128_store32_lane(to + 2, value, 2);
}

// a · b + c. Relaxed SIMD lets the processor do it in one instruction with one rounding, if it has that instruction.
INLINE f32x4 multiply_add(f32x4 a, f32x4 b, f32x4 c) {
#ifdef __wasm_relaxed_simd__
  return wasm_f32x4_relaxed_madd(a, b, c);
#else
  return add(multiply(a, b), c);
#endif
}

// 1 where a equals b, else 0.
INLINE f32x4 is_equal(f32x4 a, f32x4 b) { return wasm_v128_and(wasm_f32x4_eq(a, b), splat(1)); }

INLINE void copy(const float *from, float *to, int count) {
  for (int i = 0; i < count; i += 4) store_some(to + i, load_some(from + i, count - i), count - i);
}

INLINE void clear(float *to, int count) {
  for (int i = 0; i < count; i += 4) store_some(to + i, splat(0), count - i);
}
