// Package course is the course of one trial, from its first look at held-out examples to its test: what every paper that
// trains on labelled images does alike. A paper says in a Plan what is trained on what, puts the Course that New makes of it
// into its trial, and adds what is its own: what the stage shows and what a file holds.
//
// A course goes through these phases, a slice at a time (lab.Trial):
//
//	prelude  what the paper does before, if anything: features to cache, a net to start from
//	watch    a look at Watched validation examples
//	train    one step; after some of them another look, about ten in all
//	test     Tested examples of the test split, read once; a run that tunes reads Validation examples instead, and is
//	         not watched
//
// Nothing that looks on changes a bit: examples, order and labels depend on the seed alone, and losses on nothing else but
// the model. After the first steps neither a step nor a look allocates.
package course
