package data

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// The assets that hold the digits, as paths below assets/.
const (
	DigitImages = "data/mnist10k-images-idx3-ubyte.gz"
	DigitLabels = "data/mnist10k-labels-idx1-ubyte.gz"
)

// SHA-256 of the shipped files. Another order or another selection would be another experiment.
const (
	digitImagesSum = "232bb6481b4ab6d43c24489591a5c5d8f157ed3fdf51e14db0c5eb0c09db0360"
	digitLabelsSum = "2f7530e0096955d35efbc6a3dcc69a4624e43f866da43799f624f2e2c8c67573"
)

// ErrChanged is wrapped by the error for an asset whose bytes are not those that this program was made with.
var ErrChanged = errors.New("the file is not the one this program was made with")

// Verify compares the SHA-256 of an asset with the expected one, in hexadecimal.
func Verify(name string, file []byte, want string) error {
	sum := sha256.Sum256(file)
	if got := hex.EncodeToString(sum[:]); got != want {
		return fmt.Errorf("assets/%s is refused: %w (its SHA-256 is %s, expected %s); reload the page, or restore the shipped file", name, ErrChanged, brief(got), brief(want))
	}
	return nil
}

func brief(sum string) string {
	if len(sum) > 12 {
		return sum[:12] + "…"
	}
	return sum
}

const (
	digitSide  = 28
	digitCount = 10000
	digitPad   = (Side - digitSide) / 2
)

// digitEnds is where each split ends in the order of the file.
var digitEnds = [...]int{Train: 7000, Validation: 8000, Test: digitCount}

// Digits are 10,000 handwritten digits (LeCun, Cortes and Burges, MNIST): in the order of the file 7,000 train,
// 1,000 validation, 2,000 test. Images of 28x28 are padded with two dark pixels on every side.
type Digits struct {
	images []byte // [10000, 28, 28]
	labels []byte // [10000]
}

// OpenDigits reads the two assets. A file that is missing, changed or damaged is refused.
func OpenDigits(asset func(name string) ([]byte, error)) (*Digits, error) {
	images, err := digitFile(asset, DigitImages, digitImagesSum)
	if err != nil {
		return nil, err
	}
	labels, err := digitFile(asset, DigitLabels, digitLabelsSum)
	if err != nil {
		return nil, err
	}
	return parseDigits(images, labels)
}

func digitFile(asset func(name string) ([]byte, error), name, sum string) ([]byte, error) {
	file, err := asset(name)
	if err != nil {
		return nil, fmt.Errorf("the handwritten digits are missing: %w", err)
	}
	if err := Verify(name, file, sum); err != nil {
		return nil, err
	}
	return file, nil
}

// parseDigits reads two gzipped IDX files.
func parseDigits(images, labels []byte) (*Digits, error) {
	pixels, err := readIDX(images, digitCount, digitSide, digitSide)
	if err != nil {
		return nil, fmt.Errorf("assets/%s: %w", DigitImages, err)
	}
	names, err := readIDX(labels, digitCount)
	if err != nil {
		return nil, fmt.Errorf("assets/%s: %w", DigitLabels, err)
	}
	for i, l := range names {
		if l > 9 {
			return nil, fmt.Errorf("assets/%s: label %d of digit %d is not 0 to 9", DigitLabels, l, i)
		}
	}
	return &Digits{images: pixels, labels: names}, nil
}

// readIDX unpacks a gzipped IDX file of unsigned bytes whose axes must have the given lengths. The format: two zero
// bytes, the type (8 for unsigned bytes), the number of axes, then each length and the values, big-endian.
func readIDX(file []byte, axes ...int) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("not a gzip file: %w", err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("damaged gzip file: %w", err)
	}
	head := 4 + 4*len(axes)
	if len(raw) < head || raw[0] != 0 || raw[1] != 0 || raw[2] != 8 || int(raw[3]) != len(axes) {
		return nil, fmt.Errorf("not an IDX file of bytes with %d axes", len(axes))
	}
	want := 1
	for i, n := range axes {
		if got := binary.BigEndian.Uint32(raw[4+4*i:]); int(got) != n {
			return nil, fmt.Errorf("axis %d has length %d instead of %d", i, got, n)
		}
		want *= n
	}
	if len(raw)-head != want {
		return nil, fmt.Errorf("%d values instead of %d", len(raw)-head, want)
	}
	return raw[head:], nil
}

// Classes are the ten digits.
func (d *Digits) Classes() []string {
	return []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
}

// Len is 7,000, 1,000 or 2,000.
func (d *Digits) Len(s Split) int { return digitEnds[s] - digitStart(s) }

func digitStart(s Split) int {
	if s == Train {
		return 0
	}
	return digitEnds[s-1]
}

// Image writes digit i of a split into dst [32, 32] and returns its label.
func (d *Digits) Image(dst []float32, s Split, i int) int {
	if i < 0 || i >= d.Len(s) {
		panic(fmt.Sprintf("data: digit %d of %d (%s)", i, d.Len(s), s))
	}
	at := digitStart(s) + i
	src := d.images[at*digitSide*digitSide:]
	clear(dst[:Pixels])
	for y := range digitSide {
		row := dst[(y+digitPad)*Side+digitPad:][:digitSide]
		for x := range row {
			row[x] = grey[src[y*digitSide+x]]
		}
	}
	return int(d.labels[at])
}

// grey is byte / 255.
var grey = func() (t [256]float32) {
	for i := range t {
		t[i] = float32(i) / 255
	}
	return t
}()
