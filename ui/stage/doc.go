// Package stage draws one frame.Frame: the input digit with its patches, where every attention head looks, and the
// update of one weight matrix beside the factors it is made of. A frame with grids or panels is of a network whose maps
// have several sizes, and makes the other picture (grids.go): heads by layer and window, how far they look, and panels
// such as the receptive field of one output. A frame with a sequence is of a vision transformer that a method may add tokens to,
// and has instead of the update the tokens of every layer, what has changed against the frozen network, and a scatter of
// features (tokens.go, tokenscene.go). A frame with an answer is of a model that is asked for masks: the picture, on which the
// visitor points and draws (hand.go), with masks and prompts, and where the prompt looks (answer.go, answerscene.go), or every
// mask that was found and what became of the points that were asked (everyscene.go).
//
// It is pure: a frame, its buffers and a View go in; a Scene comes out, which is a list of rectangles, paths, cell rasters
// and words in CSS pixels. A Scene can be painted to RGBA (for Ebiten's one WritePixels, or natively), written as
// SVG (for export and for the recorded picture that stands in the page before any wasm), and asked what lies under a
// point. Nothing here knows Ebiten, the DOM or time, so all of it is tested natively; wasm/stage is a thin shell.
//
// Words are not rasterised: the shell lays them over the pixels as SVG text, which is crisp at any device pixel
// ratio and costs no font.
//
// Axes: l layers, h heads, t tokens (token 0 is the class token, token 1+i is patch i in reading order). Attention
// is [l, h, t, t], softmax over the last axis. Update matrices are stored [in, out]; the stage draws them as the
// paper writes them, ΔW with out rows and in columns, B with out rows and r columns, A with r rows and in columns.
package stage
