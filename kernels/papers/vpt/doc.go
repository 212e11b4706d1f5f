// Package vpt is the laboratory of
//
//	Jia, Tang, Chen, Cardie, Belongie, Hariharan, Lim: Visual Prompt Tuning. ECCV 2022, arXiv:2203.12119,
//
// and of the methods that adapt a frozen backbone beside it. Each method is a file of its own and says where it enters, how it
// starts, what it trains (Count) and what a step keeps for it (Kept).
//
// # Departures from the paper
//
// The model is a small vision transformer that has learned to tell drawn glyphs apart. All methods are trained by Adam without
// weight decay, where the paper has SGD with momentum for prompts; the rate rises over the first 5 % of the steps and falls
// along a cosine. Rates come from one grid for all methods, picked on validation examples: the paper tries 40 to 56 settings
// for prompts and 16 for full fine-tuning.
package vpt
