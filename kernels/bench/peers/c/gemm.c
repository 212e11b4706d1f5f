// C[m x n] = A[m x k] * B[k x n] in float32, row-major, by hand for 128-bit vectors: what a C programmer reaches in the
// same browser. Multiplication and addition are rounded separately, as in our engine.
//
// B is packed into panels as wide as a tile, inside the call; A is read in place by splat loads. A tile of MR rows and
// NV vectors of 4 columns stays in registers. U is by how much the loop over k is unrolled. n is a multiple of 4*NV.
#include <wasm_simd128.h>

typedef unsigned long size_t;
typedef v128_t vec;

#define INLINE static inline __attribute__((always_inline))
#define EXPORT(name) __attribute__((export_name(name), noinline))
#define UNROLL _Pragma("clang loop unroll(full)")
#define PRAGMA(text) _Pragma(#text)
#define UNROLL_BY(U) PRAGMA(clang loop unroll_count(U))

INLINE vec madd(vec a, vec b, vec c) { return wasm_f32x4_add(wasm_f32x4_mul(a, b), c); }

static void pack(const float *B, float *panels, int k, int n, int width) {
  for (int j = 0; j < n; j += width)
    for (int p = 0; p < k; p++)
      for (int q = 0; q < width; q += 4, panels += 4)
        wasm_v128_store(panels, wasm_v128_load(B + (size_t)p * n + j + q));
}

#define TILE(NAME, MR, NV, U)                                                                      \
  static __attribute__((noinline)) void tile_##NAME(const float *a, int lda, const float *b,       \
                                                    float *c, int ldc, int k) {                    \
    vec sum[MR][NV];                                                                               \
    const float *row[MR];                                                                          \
    UNROLL for (int i = 0; i < MR; i++) {                                                          \
      row[i] = a + (size_t)i * lda;                                                                \
      UNROLL for (int j = 0; j < NV; j++) sum[i][j] = wasm_f32x4_const(0, 0, 0, 0);                \
    }                                                                                              \
    UNROLL_BY(U) for (int p = 0; p < k; p++, b += 4 * NV) {                                        \
      vec right[NV];                                                                               \
      UNROLL for (int j = 0; j < NV; j++) right[j] = wasm_v128_load(b + 4 * j);                    \
      UNROLL for (int i = 0; i < MR; i++) {                                                        \
        vec left = wasm_v128_load32_splat(row[i] + p);                                             \
        UNROLL for (int j = 0; j < NV; j++) sum[i][j] = madd(left, right[j], sum[i][j]);           \
      }                                                                                            \
    }                                                                                              \
    UNROLL for (int i = 0; i < MR; i++)                                                            \
      UNROLL for (int j = 0; j < NV; j++) wasm_v128_store(c + (size_t)i * ldc + 4 * j, sum[i][j]); \
  }

#define GEMM(NAME, MR, NV, U)                                                                      \
  TILE(NAME, MR, NV, U)                                                                            \
  TILE(NAME##_row, 1, NV, 1)                                                                       \
  EXPORT("gemm_" #NAME)                                                                            \
  void gemm_##NAME(const float *A, const float *B, float *C, int m, int n, int k, float *panels) { \
    const int width = 4 * NV;                                                                      \
    pack(B, panels, k, n, width);                                                                  \
    for (int j = 0; j < n; j += width) {                                                           \
      const float *b = panels + (size_t)j * k;                                                     \
      int i = 0;                                                                                   \
      for (; i + MR <= m; i += MR) tile_##NAME(A + (size_t)i * k, k, b, C + (size_t)i * n + j, n, k); \
      for (; i < m; i++) tile_##NAME##_row(A + (size_t)i * k, k, b, C + (size_t)i * n + j, n, k);  \
    }                                                                                              \
  }

GEMM(4x2, 4, 2, 1)
GEMM(4x2u4, 4, 2, 4)
GEMM(2x4, 2, 4, 1)
GEMM(2x4u4, 2, 4, 4)
