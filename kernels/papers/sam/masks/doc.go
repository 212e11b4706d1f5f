// Package masks is what happens to masks once the model has answered: they are scored, filtered, cleaned, ordered, matched with
// the truth, and written to files. Source: Kirillov et al. 2023, appendix B, and the authors' generator, whose order of filters
// it keeps.
//
// Everything is a pure function of its arguments, and gives the same bits natively and in wasm. Pictures are square, as those of
// the lab are.
//
// # Departures from the authors' generator
//
//   - A box holds its pixels: that of one pixel has area 1. There it ends in the middle of its last pixel and has area 0, which
//     at 64 pixels would keep thin things from ever being suppressed.
//   - The tolerance at the edge of a crop, 20 pixels of 1024, is scaled with the picture.
//   - An empty mask has stability 0. There it is 0/0, which fails every comparison.
//   - The offset of stability goes in sixteenths of a logit up to 4, so that logits need not be kept for it.
//   - Granularity and the partition are ours, and come last.
package masks
