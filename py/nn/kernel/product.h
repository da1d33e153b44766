// The product of two float32 matrices, and the convolution made of the same parts, as fast as one core can compute them.
//
// Lists.        Images are mostly blank; after ReLU half of the numbers are 0, and after max pooling most of a gradient is.
//               So each row of a becomes a list of its numbers that are not 0, each with its row of b.
// Registers.    32 numbers of a row of `out` stay in registers, 8 of the 16 of x86, while each entry of the list multiplies
//               32 numbers of b. Where there are only 16, every other entry has sums of its own, so that none waits.
// Panels.       b is first copied into panels of 32 columns.
// Blocks.       k is cut into pieces of DEPTH, m into pieces of ROWS, so that they stay in the caches (Goto and van de Geijn
//               2008, "Anatomy of High-Performance Matrix Multiplication"). The pieces of k add up in `out`.

#pragma once
#include "vector.h"

enum { PANEL = 32, DEPTH = 256, ROWS = 16, WIDTH = 512 };

// A number of a, and where the row of b that it is multiplied by begins.
typedef struct { float value; int place; } Entry;

// Adds a number to a list unless it is 0, that is, unless all of its bits but the sign are. If b is not finite, zeros are
// added too: 0 · ∞ is NaN, which must not be lost. The number is written in any case, and the next one takes its place if it
// was 0: there is no branch to mispredict.
INLINE Entry *add_to_list(const float *number, int place, int finite, Entry *to) {
  *to = (Entry){*number, place};
  return to + (((*(const unsigned *)number << 1) | !finite) != 0);
}

// Lists `count` numbers that are `step` apart; four zeros side by side are passed over at once.
INLINE Entry *list(const float *from, int step, int count, int place, int place_step, int finite, Entry *to) {
  int i = 0;
  for (; step == 1 && i + 4 <= count; i += 4, from += 4, place += 4 * place_step) {
    if (finite && !wasm_v128_any_true(load(from))) continue;
    UNROLL for (int j = 0; j < 4; j++) to = add_to_list(from + j, place + j * place_step, finite, to);
  }
  for (; i < count; i++, from += step, place += place_step) to = add_to_list(from, place, finite, to);
  return to;
}

// Adds the numbers of a column, or of four side by side, to that many lists, whose ends it moves; rows are `row` numbers apart.
INLINE void list_columns(int columns, const float *from, int row, int count, int place, int place_step, int finite,
                         Entry **ends) {
  if (columns == 1) return (void)(ends[0] = list(from, row, count, place, place_step, finite, ends[0]));
  Entry *to0 = ends[0], *to1 = ends[1], *to2 = ends[2], *to3 = ends[3];
  for (; count > 0; count--, from += row, place += place_step) {
    if (finite && !wasm_v128_any_true(load(from))) continue;
    to0 = add_to_list(from, place, finite, to0), to1 = add_to_list(from + 1, place, finite, to1);
    to2 = add_to_list(from + 2, place, finite, to2), to3 = add_to_list(from + 3, place, finite, to3);
  }
  ends[0] = to0, ends[1] = to1, ends[2] = to2, ends[3] = to3;
}

// Whether none of the numbers is infinite or NaN: 0 times each of them is 0 then. Reads up to a multiple of 16 numbers.
INLINE int all_finite(const float *numbers, int count) {
  f32x4 a = splat(0), b = a, c = a, d = a; // four sums, none of which waits for another
  for (const float *end = numbers + count; numbers < end; numbers += 16) {
    a = multiply_add(load(numbers), splat(0), a), b = multiply_add(load(numbers + 4), splat(0), b);
    c = multiply_add(load(numbers + 8), splat(0), c), d = multiply_add(load(numbers + 12), splat(0), d);
  }
  return wasm_i32x4_all_true(wasm_f32x4_eq(add(add(a, b), add(c, d)), splat(0)));
}

typedef struct {
  f32x4 low[4], high[4]; // 32 numbers of one row; or 16 numbers twice, for every other entry
} Sums;

// sums += value · b[place …] for 16 numbers of b. Value and place are read at once, because loads are what takes the time.
INLINE long long add_entry(const Entry *entry, const float *b, f32x4 *sums) {
  long long both;
  __builtin_memcpy(&both, entry, sizeof both);
  f32x4 value = wasm_i32x4_splat((int)both);
  UNROLL for (int v = 0; v < 4; v++) sums[v] = multiply_add(value, load(b + (int)(both >> 32) + 4 * v), sums[v]);
  return both;
}

// sums += Σ value · b[place …] over the entries of a list. A place is never negative. But without a branch there, V8 would
// load all eight vectors first, run out of registers, and keep one of the sums in memory: less than half as fast.
INLINE void add_entries(const Entry *entry, const Entry *end, const float *b, Sums *sums, const int wide) {
  for (; entry < end; entry++) {
    long long both = add_entry(entry, b, sums->low);
    if (wide ? both < 0 : ++entry == end) break;
    add_entry(entry, b + (wide ? PANEL / 2 : 0), sums->high);
  }
}

// out = before + sums + bias, for as many of the numbers as `columns` says; the address of what is not there is 0
INLINE void store_sums(const Sums *sums, const float *before, const float *bias, float *out, int columns, const int wide) {
  UNROLL for (int v = 0; v < (wide ? 8 : 4); v++) {
    int count = columns - 4 * v;
    if (count > 0) {
      f32x4 value = wide ? (v < 4 ? sums->low[v] : sums->high[v - 4]) : add(sums->low[v], sums->high[v]);
      if (before) value = add(load_some(before + 4 * v, count), value);
      if (bias) value = add(value, load_some(bias + 4 * v, count));
      store_some(out + 4 * v, value, count);
    }
  }
}

// out = before + Σ value · b[place …] + bias
INLINE void tile(const Entry *from, const Entry *end, const float *b, const float *before, const float *bias, float *out,
                 int columns, const int wide) {
  Sums sums = {0};
  add_entries(from, end, b, &sums, wide);
  store_sums(&sums, before, bias, out, columns, wide);
}

// Copies b (depth, columns) into panels, one after another: packed[k * PANEL + j] = b[k * row + j * column] in the first one.
// The last one is filled with 0. Returns whether b is finite.
INLINE int pack(const float *b, int row, int column, int columns, int depth, float *panels) {
  float *packed = panels;
  for (int left = 0; left < columns; left += PANEL) {
    for (int k = 0; k < depth; k++, packed += PANEL) {
      const float *from = b + k * row + left * column;
      if (column == 1 && left + PANEL <= columns) {
        UNROLL for (int j = 0; j < PANEL; j += 4) store(packed + j, load(from + j));
      } else {
        for (int j = 0; j < PANEL; j++) packed[j] = left + j < columns ? from[j * column] : 0;
      }
    }
  }
  return all_finite(panels, packed - panels);
}
