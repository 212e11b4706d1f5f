// Package optim changes trained parameters by their gradients: AdamW, Muon, SGD with momentum, learning-rate schedules and
// clipping by the global norm.
//
// An optimizer moves the parameters it is given into flat slabs (values, gradients, moments), so that one kernel call
// serves a whole step. A parameter that is frozen when a step is made is left alone: value, moments and weight decay.
package optim
