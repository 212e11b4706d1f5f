package chart

import (
	"encoding/xml"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

// madeTiles are two racers with made-up tensors: the second keeps a part of what the first keeps.
func madeTiles() []wire.TileSet {
	var sets []wire.TileSet
	for k, name := range []string{"full fine-tuning", "LoRA  r = 4", "head only"} {
		s := wire.TileSet{Name: name, Arm: []string{"full", "lora:4", "head"}[k]}
		for b := 1; b <= 4 && k < 2; b++ {
			block := "block " + strconv.Itoa(b)
			for i, kind := range []string{"gelu", "q, k, v", "attention", "linear input", "layer norm", "relu mask", "scale"} {
				n := []int{557056, 417792, 295936, 139264, 139264, 17408, 136}[i]
				if k == 1 && (i == 0 || i == 3) {
					continue
				}
				s.Tiles = append(s.Tiles, wire.Tile{Block: block, Kind: kind, Bytes: n})
				s.Terms = append(s.Terms, wire.Term{Block: block, Kind: kind, Closed: n, Measured: n})
			}
		}
		s.Apart = []wire.Term{{Block: "head", Kind: "linear input", Closed: 8192, Measured: 8192}, {Block: "loss", Kind: "packed copies", Measured: 4096}}
		sets = append(sets, s)
	}
	return sets
}

// tileRects reads the areas of the tiles of a drawing, not those of the legend.
func tileRects(t *testing.T, d Drawing, legend float64) (rects []box) {
	t.Helper()
	for _, e := range wellFormed(t, "tiles", "<svg>"+d.Body+"</svg>") {
		if e.Name.Local != "rect" {
			continue
		}
		at := func(name string) float64 {
			for _, a := range e.Attr {
				if a.Name == (xml.Name{Local: name}) {
					x, err := strconv.ParseFloat(a.Value, 64)
					if err != nil {
						t.Fatal(err)
					}
					return x
				}
			}
			return math.NaN()
		}
		b := box{at("x"), at("y"), at("x") + at("width"), at("y") + at("height")}
		if b.Y0 < legend-1e-9 {
			rects = append(rects, b)
		}
	}
	return rects
}

func TestTilesHaveAreasInProportionOnOneScaleForAllRacers(t *testing.T) {
	sets := madeTiles()
	for _, width := range []float64{leastWidth, 326, 640, 1200} {
		scale := 0.0 // square pixels per byte
		for at := range sets {
			g := Tiles{Sets: sets, At: at}
			f := g.frame(width)
			var all []box
			for _, row := range f.rows {
				sum := 0
				for _, b := range row.tiles {
					sum += b.tile.Bytes
					if b.tile.Block != row.block {
						t.Errorf("a tile of %s lies in the row of %s", b.tile.Block, row.block)
					}
					one := b.width() * b.height() / float64(b.tile.Bytes)
					if scale == 0 {
						scale = one
					}
					if math.Abs(one-scale) > 1e-6*scale {
						t.Errorf("at %v racer %d draws %s %s with %v px² a byte, others with %v", width, at, row.block, b.tile.Kind, one, scale)
					}
					for _, o := range all {
						if w, h := math.Min(b.X1, o.X1)-math.Max(b.X0, o.X0), math.Min(b.Y1, o.Y1)-math.Max(b.Y0, o.Y0); w > 1e-6 && h > 1e-6 {
							t.Errorf("tiles overlap at %v: %v and %v", width, b.box, o)
						}
					}
					all = append(all, b.box)
					if b.X0 < row.area.X0-1e-6 || b.X1 > row.area.X1+1e-6 || b.Y0 < row.area.Y0-1e-6 || b.Y1 > row.area.Y1+1e-6 {
						t.Errorf("at %v tile %v leaves its row %v", width, b.box, row.area)
					}
				}
				if sum != row.bytes {
					t.Errorf("the tiles of %s sum to %d, the row says %d", row.block, sum, row.bytes)
				}
			}
			drawn := tileRects(t, g.Draw(width), f.foot)
			if len(drawn) != len(sets[at].Tiles) {
				t.Errorf("%d tiles are drawn of %d", len(drawn), len(sets[at].Tiles))
			}
			area := 0.0
			for _, b := range drawn {
				area += b.width() * b.height()
			}
			if want := scale * float64(setBytes(sets[at])); math.Abs(area-want) > 0.01*want {
				t.Errorf("at %v racer %d covers %v px², its bytes want %v", width, at, area, want)
			}
		}
	}
}

func TestKindsAreToldApartWithoutColour(t *testing.T) {
	g := Tiles{Sets: madeTiles()}
	letters, fills := map[string]bool{}, map[string]bool{}
	for _, k := range g.kinds() {
		if letters[k.letter] || fills[k.fill] {
			t.Errorf("%s has letter %s and colour %s of another kind", k.kind, k.letter, k.fill)
		}
		letters[k.letter], fills[k.fill] = true, true
	}
	other := Tiles{Sets: madeTiles(), At: 1}.kinds()
	for i, k := range g.kinds() {
		if other[i] != k {
			t.Errorf("%s looks otherwise with another racer", k.kind)
		}
	}
	if letterOf(0) != "A" || letterOf(27) != "B2" {
		t.Error("letters")
	}
}

func TestReadingTiles(t *testing.T) {
	g := Tiles{Sets: madeTiles()}
	row := g.frame(640).rows[2]
	b := row.tiles[0]
	c, ok := g.Hit(640, (b.X0+b.X1)/2, (b.Y0+b.Y1)/2)
	if !ok || c != (Cursor{Row: 2}) {
		t.Fatalf("hit %v %v", c, ok)
	}
	r := g.Read(640, c)
	if r.Head != "block 3, gelu" || r.Rows[0].Text != "557,056 B" || r.Rows[1].Text != "35.6 %" || r.Rows[2].Text != "8.89 %" {
		t.Errorf("read %q", r.words())
	}
	if _, ok := g.Hit(640, 639, 5); ok {
		t.Error("something lies right of the rows")
	}
	c, ok = g.Move(nil, "ArrowDown")
	for _, key := range []string{"ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp"} {
		if c, ok = g.Move(&c, key); !ok {
			t.Fatalf("%s does nothing", key)
		}
	}
	if c != (Cursor{Row: 0, Col: 2}) {
		t.Errorf("the keys lead to %v", c)
	}
	if _, ok := g.Move(&c, "x"); ok {
		t.Error("x moves")
	}
	none := Tiles{Sets: madeTiles(), At: 2}
	if _, ok := none.Move(nil, "ArrowDown"); ok {
		t.Error("there is something to read of a racer that keeps nothing in its blocks")
	}
	if len(g.Table().Rows) != 28 || len(tilesTable(madeTiles()).Rows) != 28+28+20+20+6 {
		t.Errorf("tables of %d and %d rows", len(g.Table().Rows), len(tilesTable(madeTiles()).Rows))
	}
}

func TestTermsSayWhetherTheyAgree(t *testing.T) {
	set := madeTiles()[0]
	page := app.HTMLString(termsView(set))
	for _, want := range []string{"equal to the byte", "6,267,424", "Apart from the blocks", "no closed form"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Contains(page, "✗") {
		t.Error("a sum that agrees has the sign of one that does not")
	}
	set.Terms[3].Measured += 1024
	page = app.HTMLString(termsView(set))
	for _, want := range []string{"1 of 28 terms differ", "✗ +1,024", "differs by 1,024 bytes"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Contains(page, "equal to the byte") {
		t.Error("a sum that differs is called equal")
	}
}

func TestTilesFollowTheSelectedRacer(t *testing.T) {
	arms := []wire.ArmReport{{Arm: "full", Role: wire.RoleReference}, {Arm: "lora:4", Role: wire.RoleMethod}, {Arm: "head", Role: wire.RoleFloor}}
	for selected, want := range map[string]int{"": 1, "lora:4": 1, "full": 0, "head": 2, "elsewhere": 1} {
		f := &Figure{Figure: wire.Figure{ID: "kept", Kind: wire.FigureTiles, Title: "What is kept", Tiles: madeTiles()}, Arms: arms, Selected: selected}
		p := f.Render().(*panel)
		if got := p.Graphics[0].(Tiles).At; got != want {
			t.Errorf("with %q selected tiles are those of %d, want %d", selected, got, want)
		}
	}
}

// A racer that keeps little and comes first does not put its places before those of the others.
func TestBlocksKeepTheirOrder(t *testing.T) {
	set := func(blocks ...string) (s wire.TileSet) {
		for _, b := range blocks {
			s.Tiles = append(s.Tiles, wire.Tile{Block: b, Kind: "gelu", Bytes: 4}, wire.Tile{Block: b, Kind: "attention", Bytes: 4})
		}
		return s
	}
	tiles := Tiles{Sets: []wire.TileSet{set("head", "loss"), set("block 1", "block 2", "final norm", "head", "loss"), set("embedding", "block 1", "block 2", "head", "loss")}}
	if got, want := tiles.blocks(), []string{"embedding", "block 1", "block 2", "final norm", "head", "loss"}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
}
