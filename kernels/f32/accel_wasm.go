//go:build go1.27

package f32

// machine names the vectorised path of this build. A browser without SIMD128 refuses the whole module.
const machine = "simd128"
