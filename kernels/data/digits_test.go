package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"strings"
	"testing"
)

// asset reads the shipped files from the tree.
func asset(name string) ([]byte, error) { return os.ReadFile("../../assets/" + name) }

func openDigits(t *testing.T) *Digits {
	t.Helper()
	d, err := OpenDigits(asset)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Counts of each label: source is the label file, counted once with another program (Python's gzip and list.count).
func TestDigitsAreAllThere(t *testing.T) {
	d := openDigits(t)
	if a, b, c := d.Len(Train), d.Len(Validation), d.Len(Test); a != 7000 || b != 1000 || c != 2000 {
		t.Fatalf("splits of %d, %d, %d digits", a, b, c)
	}
	want := [10]int{1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978}
	var count [10]int
	img := make([]float32, Pixels)
	for s := Train; s <= Test; s++ {
		for i := range d.Len(s) {
			count[d.Image(img, s, i)]++
		}
	}
	if count != want {
		t.Errorf("labels %v, want %v", count, want)
	}
}

func TestDigitsAreInTheOrderOfTheFile(t *testing.T) {
	d := openDigits(t)
	img := make([]float32, Pixels)
	for _, c := range []struct {
		s     Split
		i, at int
	}{{Train, 0, 0}, {Train, 6999, 6999}, {Validation, 0, 7000}, {Test, 0, 8000}, {Test, 1999, 9999}} {
		if got := d.Image(img, c.s, c.i); got != int(d.labels[c.at]) {
			t.Errorf("%s %d: label %d, the file has %d at %d", c.s, c.i, got, d.labels[c.at], c.at)
		}
		raw := d.images[c.at*784 : (c.at+1)*784]
		for y := range Side {
			for x := range Side {
				want := float32(0)
				if y >= 2 && y < 30 && x >= 2 && x < 30 {
					want = float32(raw[(y-2)*28+x-2]) / 255
				}
				if got := img[y*Side+x]; got != want {
					t.Fatalf("%s %d: pixel %d,%d is %v, want %v", c.s, c.i, y, x, got, want)
				}
			}
		}
	}
}

func TestBadDigitFilesAreRefused(t *testing.T) {
	flipped := func(name string) ([]byte, error) {
		b, err := asset(name)
		if err == nil && name == DigitImages {
			b[len(b)/2] ^= 1
		}
		return b, err
	}
	_, err := OpenDigits(flipped)
	if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), DigitImages) || !strings.Contains(err.Error(), "SHA-256") {
		t.Errorf("a flipped bit gives %v", err)
	}
	_, err = OpenDigits(func(string) ([]byte, error) { return nil, os.ErrNotExist })
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a missing file gives %v", err)
	}
}

// Files that pass no hash, as a reader of another data set would meet them.
func TestReadIDXSaysWhatIsWrong(t *testing.T) {
	pack := func(raw ...byte) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(raw)
		z.Close()
		return b.Bytes()
	}
	good := pack(0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9)
	if got, err := readIDX(good, 3); err != nil || !bytes.Equal(got, []byte{7, 8, 9}) {
		t.Errorf("a good file gives %v, %v", got, err)
	}
	for want, file := range map[string][]byte{
		"not a gzip file":   {1, 2, 3},
		"damaged gzip file": good[:len(good)-6],
		"not an IDX file":   pack(0, 0, 13, 1, 0, 0, 0, 3, 7, 8, 9),
		"axis 0":            pack(0, 0, 8, 1, 0, 0, 0, 4, 7, 8, 9, 9),
		"2 values instead":  pack(0, 0, 8, 1, 0, 0, 0, 3, 7, 8),
	} {
		if _, err := readIDX(file, 3); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
