package f32

// machine names the vectorised path of this build.
const machine = "scalar"
