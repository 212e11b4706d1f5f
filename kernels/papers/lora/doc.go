// Package lora is the laboratory of
//
//	Hu, Shen, Wallis, Allen-Zhu, Li, Wang, Wang, Chen:
//	LoRA: Low-Rank Adaptation of Large Language Models. ICLR 2022, arXiv:2106.09685.
//
// A trained matrix W₀ stays frozen; beside it a product of two thin matrices learns the update,
//
//	y = W₀x + (α/r)·B·A·x,
//
// A drawn at random, B zero, so that training starts at the model it was given. Here a small vision transformer that
// has learned to tell drawn glyphs apart is adapted to handwritten digits, and the update's rank and place race
// against a linear head, full fine-tuning and training from scratch.
//
// Departures from the paper: vision instead of language, width 64 instead of 12,288, so rank 4 is 2 % of the model
// where it was 0.002 %; a new head is trained along and counted apart; the tuned learning rates come from a
// validation split of ours.
package lora
