// Package sam is the laboratory of Segment Anything: Kirillov, Mintun, Ravi, Mao, Rolland, Gustafson, Xiao, Whitehead, Berg, Lo,
// Dollár and Girshick, "Segment Anything", ICCV 2023.
//
// A picture is encoded once; a prompt, that is points, a box or a rough mask, asks a light decoder for masks. A click on a wheel may
// mean the hub, the wheel or the engine, so the decoder gives three masks to a single prompt, learns with the loss of the best one
// alone, and says of each how good it takes it to be.
//
// The model is the paper's, small (config.go): windowed and global attention with decomposed relative positions, a neck, Fourier
// codes for points and boxes, a two-way decoder whose first self-attention replaces the tokens, masks as products of tokens with
// pixel features. Training simulates a visitor: a first point or box, then points where the mask is wrong, with the last logits
// fed back (episode.go).
//
// Departures: no training code was ever released, so of constants that the paper does not give the focal loss's γ and the smoothing
// of dice are the usual ones, and α is 0.5 (episode.go); Muon moves the weights of products in place of AdamW (trial.go); attention
// between tokens and picture starts as a look at what lies near (layers.go); a live model corrects in the second half of its steps only
// (Rules.at); with fewer than four rounds, as the live models have,
// none is without a new point; the decoder's widths follow the encoder's 32 or 64; GELU is the tanh form, a norm's ε is 1e-5
// everywhere, and corners of boxes lie between pixels, without the authors' half pixel; the slot for words in the prompt encoder
// (prompts.words) is empty: no model here was trained with text.
package sam
