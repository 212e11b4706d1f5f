// Package nn holds the layers that own parameters: dense layers, layer norm, attention, the MLP, the pre-norm block and
// the vision transformer made of them, and reads and writes their weights.
//
// Parameters have canonical names, such as "block0/q/w", that stay the same in files, messages and pictures. Weights are
// [in, out]. Whatever is random takes its generator as an argument and gives the same numbers on every machine.
package nn
