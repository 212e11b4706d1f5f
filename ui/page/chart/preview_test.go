package chart

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

// TestPreview writes every component with made-up numbers to a page, in PETRI_SHOTS where it is set, and checks what
// must be in it.
func TestPreview(t *testing.T) {
	dir := os.Getenv("PETRI_SHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	css := ""
	for _, name := range []string{"tokens.css", "components.css", "chart.css"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", "assets", "css", name))
		if err != nil {
			t.Fatal(err)
		}
		css += string(b)
	}
	for _, p := range []struct {
		name, theme             string
		race, third             float64 // widths of the pictures
		columns, thirds, inside string
	}{
		{"light", "light", 302, 394, "673px 276px", "repeat(3,428px)", "1360px"},
		{"dark", "dark", 302, 394, "673px 276px", "repeat(3,428px)", "1360px"},
		{"phone", "light", 332, 332, "358px", "358px", "358px"},
	} {
		page := `<!doctype html><html lang="en" data-theme="` + p.theme + `"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Charts</title><style>` + css + `
.shots{width:` + p.inside + `;margin:0 auto;display:grid;grid-template-columns:` + p.columns + `;gap:18px 40px;padding:20px 0}.shots .thirds{grid-column:1/-1;display:grid;grid-template-columns:` + p.thirds + `;gap:18px}.shots>div{display:grid;gap:18px;align-content:start;min-width:0}
</style><body><main><div class="shots">` + preview(p.race, p.third) + `</div></main></body></html>`
		for _, want := range []string{"Racer by racer", "The race", "Unclear", "Waiting", "data:image/png;base64,", "No step yet", "diverged at step 40"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q on the page", p.name, want)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, p.name+".html"), []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	svg, w, h := (Sheet{"The race", "mean of 5 seeds", raceCaption(madeArms()), "lora?seeds=5"}).SVG([]Graphic{LossPlot(madeArms(), 600, "qv:4"), ScorePlot(madeArms(), accuracy, 600, "qv:4")})
	if w < 600 || h < 200 || strings.Contains(svg, "var(--") {
		t.Errorf("exported sheet is %d x %d, or keeps custom properties", w, h)
	}
	if err := os.WriteFile(filepath.Join(dir, "race.svg"), []byte(svg), 0o644); err != nil {
		t.Fatal(err)
	}
}

// still shows a view as it is once measured and under the pointer.
func still(g Graphic, name string, width float64, c *Cursor) app.UI {
	return app.Section().Class("panel", "figure").Body(app.Div().Class("ph").Body(app.H2().Text(name)),
		app.Div().Class("pb").Body(app.Div().Style("width", px(width)+"px").Body((&view{Graphic: g, Name: name, width: width, cursor: c}).Render())))
}

func preview(race, third float64) string {
	narrow := narrowWidth
	defer func() { narrowWidth = narrow }()
	arms := madeArms()
	pick := func(app.Context, string) {}
	html := func(u ...app.UI) string {
		s := ""
		for _, x := range u {
			s += app.HTMLString(x)
		}
		return s
	}
	var claims []app.UI
	for i, c := range madeClaims() {
		claims = append(claims, &Claim{Claim: c, Yours: i%2 == 1, Waiting: i == 5})
	}
	var figures []app.UI
	for _, f := range madeFigures() {
		figures = append(figures, &Figure{Figure: f, Arms: arms, Selected: "qv:4"})
	}
	figures = append(figures, &Memory{Arms: arms, Selected: "qv:4", Batch: 32})
	loss := LossPlot(arms, 600, "qv:4")
	g, _ := GraphicOf(madeFigures()[1], arms, "")
	narrowWidth = race
	left := html(&Race{Arms: arms, Steps: 600, Seeds: 5, Selected: "qv:4"}, &Ranks{Arms: arms, Selected: "qv:4", OnSelect: pick, Sub: "test digits, 5 seeds"},
		&Race{Arms: running(arms), Steps: 600, Seeds: 1, Selected: "qv:4"}, &Ranks{Arms: running(arms), Selected: "qv:4", OnSelect: pick},
		&Race{Steps: 600, Seeds: 5})
	narrowWidth = third
	return "<div>" + left + "</div><div>" + html(claims...) + "</div><div class=thirds>" + html(figures...) +
		html(still(loss, "Reading a curve", third, &Cursor{Col: 12}), still(g, "Reading a map", third, &Cursor{Part: 1, Row: 3, Col: 9})) + "</div>"
}

func normal(r *rand.Rand) float64 { return r.NormFloat64() }

// madeArms are the arms of a LoRA race with made-up numbers.
func madeArms() []wire.ArmReport {
	type made struct {
		arm, label, role string
		number, trained  int
		acc, sd, speed   float64
		kept, diverged   int
	}
	var arms []wire.ArmReport
	for i, m := range []made{
		{"head", "head only", wire.RoleFloor, 0, 0, 78.4, 0.5, 130, 300_000, 0},
		{"q:1", "q  r = 1", wire.RoleMethod, 1, 512, 88.1, 1.1, 110, 11_900_000, 0},
		{"qv:1", "q, v  r = 1", wire.RoleMethod, 1, 1024, 93.6, 0.7, 105, 12_400_000, 0},
		{"qv:2", "q, v  r = 2", wire.RoleMethod, 2, 2048, 94.0, 0.6, 103, 12_450_000, 0},
		{"qv:4", "q, v  r = 4", wire.RoleMethod, 4, 4096, 94.3, 0.6, 100, 12_500_000, 0},
		{"qv:8", "q, v  r = 8", wire.RoleMethod, 8, 8192, 94.5, 0.6, 98, 12_600_000, 0},
		{"qv:32", "q, v  r = 32", wire.RoleMethod, 32, 32768, 94.6, 0.7, 96, 13_300_000, 0},
		{"all:4", "all  r = 4", wire.RoleMethod, 4, 18432, 94.9, 0.5, 92, 19_400_000, 0},
		{"all:64", "all  r = 64", wire.RoleMethod, 64, 294912, 0, 0, 90, 22_400_000, 40},
		{"full", "full fine-tuning", wire.RoleReference, 0, 199936, 95.3, 0.5, 70, 19_000_000, 0},
		{"scratch", "from scratch", wire.RoleControl, 0, 199936, 86.1, 1.6, 165, 19_000_000, 0},
	} {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		a := wire.ArmReport{Arm: m.arm, Label: m.label, Role: m.role, Number: m.number, Trainable: m.trained, Head: 650, Total: 199936, LR: 0.002,
			MsPerStep: 9 + float64(m.kept)/6e5, Diverged: m.diverged, Metrics: map[string]wire.Interval{},
			Ledger: wire.Ledger{KeptBytes: m.kept, OptimizerBytes: 8 * (m.trained + 650), GradientBytes: 4 * (m.trained + 650), TrainedBytes: 4 * (m.trained + 650), FrozenBytes: 4 * max(0, 199936-m.trained),
				Parts: []wire.LedgerRow{{Name: "gelu", Bytes: m.kept * 36 / 100}, {Name: "q, k, v", Bytes: m.kept * 27 / 100}, {Name: "layer norm", Bytes: m.kept * 18 / 100}, {Name: "attention", Bytes: m.kept * 10 / 100}, {Name: "linear input", Bytes: m.kept * 9 / 100}}}}
		if m.diverged == 0 {
			a.Metrics[accuracy.Test] = wire.Interval{Mean: m.acc / 100, Low: (m.acc - m.sd) / 100, High: (m.acc + m.sd) / 100, Values: make([]float64, 5)}
		}
		loss, acc := wire.Curve{Name: curveLoss}, wire.Curve{Name: accuracy.Validation}
		w := 0.0
		for s := 0; s <= 600; s += 20 {
			if m.diverged > 0 && s > m.diverged {
				break
			}
			w = 0.8*w + 0.2*normal(r)
			g := 1 - math.Exp(-float64(s)/m.speed)
			v := 10.5 + (math.Max(m.acc, 80)-10.5)*g + 1.5*w*math.Exp(-float64(s)/260)
			b := m.sd + 5*math.Exp(-float64(s)/120)
			l := (2.3 + (0.028*(100-math.Max(m.acc, 80))+0.02-2.3)*math.Pow(g, 0.8)) * (1 + 0.05*w)
			loss.Step, loss.Mean, loss.Low, loss.High = append(loss.Step, s), append(loss.Mean, l), append(loss.Low, l*0.91), append(loss.High, l*1.09)
			acc.Step, acc.Mean, acc.Low, acc.High = append(acc.Step, s), append(acc.Mean, v/100), append(acc.Low, (v-b)/100), append(acc.High, (v+b)/100)
		}
		a.Curves = []wire.Curve{loss, acc}
		arms = append(arms, a)
	}
	return arms
}

// running are the arms of a run under way: the first seed, some arms done, two half way, the others to come.
func running(arms []wire.ArmReport) []wire.ArmReport {
	out := make([]wire.ArmReport, len(arms))
	for i, a := range arms {
		out[i] = a
		out[i].Curves, out[i].Diverged = nil, 0
		n := map[bool]int{true: 31, false: 14}[i < 3]
		if i < 5 {
			for _, c := range a.Curves {
				out[i].Curves = append(out[i].Curves, wire.Curve{Name: c.Name, Step: c.Step[:n], Mean: c.Mean[:n], Low: c.Mean[:n], High: c.Mean[:n]})
			}
		}
		if iv := a.Metrics[accuracy.Test]; i < 3 {
			out[i].Metrics = map[string]wire.Interval{accuracy.Test: {Mean: iv.Mean, Low: iv.Mean, High: iv.Mean, Values: []float64{iv.Mean}}}
		} else {
			out[i].Metrics, out[i].Total, out[i].MsPerStep, out[i].Ledger = nil, 0, 0, wire.Ledger{}
		}
	}
	return out
}

func madeClaims() []wire.ClaimReport {
	at := func(x float64) *float64 { return &x }
	return []wire.ClaimReport{
		{ID: "lora.rank", At: "Table 6", Verdict: wire.Holds, Says: "Rank 1 is enough: when Wq and Wv are adapted, a far larger rank gains next to nothing.",
			Paper: "GPT-3 on WikiSQL: 73.4 at r = 1, 73.5 at r = 64", Here: "0.4 points, from −0.3 to 1.0", Scale: "A net of 0.2 million weights instead of 175 billion; accuracy instead of exact match.",
			Why:  "Holds if the largest rank beats r = 1 by at most 1 point, with the whole interval on that side. It came out as 0.4, below 1 at both ends.",
			Axis: &wire.ClaimAxis{Name: "points, r = 32 minus r = 1", Min: -2, Max: 3, Line: at(1)},
			Rows: []wire.ClaimMark{{Name: "paper", Mean: 0.1, Low: 0.1, High: 0.1, Text: "0.1"}, {Name: "here", Mean: 0.4, Low: -0.3, High: 0.95, Text: "0.4 ±0.6"}}},
		{ID: "lora.placement", At: "Tables 5 and 6", Verdict: wire.Fails, Says: "Where matters more than how much: adapting Wq and Wv beats adapting Wq alone.",
			Why:  "The interval lies below the threshold.",
			Axis: &wire.ClaimAxis{Name: "points, q and v minus q", Min: -2, Max: 4, Line: at(1)},
			Rows: []wire.ClaimMark{{Name: "paper", Mean: 4.6, Low: 4.6, High: 4.6, Text: "4.6"}, {Name: "here", Mean: -0.7, Low: -1.8, High: 0.4, Text: "−0.7 ±1.1"}}},
		{ID: "lora.overlap", At: "Figure 3", Verdict: wire.Unclear, Says: "Updates of different rank find the same main direction.",
			Axis: &wire.ClaimAxis{Name: "φ(1, 1)", Min: 0, Max: 1, Line: at(0.1)},
			Rows: []wire.ClaimMark{{Name: "paper", Mean: 0.5, Low: 0.5, High: 0.5, Text: "> 0.5"}, {Name: "here", Mean: 0.22, Low: 0.03, High: 0.41, Text: "0.22 ±0.19"}, {Name: "chance", Mean: 0.016, Low: 0.016, High: 0.016, Text: "0.016"}}},
		{ID: "lora.merge", At: "Section 4.1", Verdict: wire.Holds, Says: "A merged update costs nothing: the network gives the same answers with the same work as before.",
			Paper: "19.8 ms merged, 23.9 and 25.8 ms with adapter layers", Here: "no logit changes by more than 2e−6; 3,912,704 operations in both cases"},
		{ID: "lora.amplify", At: "Table 7", Verdict: wire.NotRun, Says: "The update amplifies directions that the frozen matrix already has but does not stress.", Why: "It needs q and v with a rank of 4 or more, and at least 2 seeds."},
		{ID: "lora.memory", At: "Section 4.2", Verdict: wire.Fails, Says: "Training needs far less memory, because frozen weights need no optimizer state.",
			Axis: &wire.ClaimAxis{Name: "share of full fine-tuning", Min: 0, Max: 1, Line: at(0.5)},
			Rows: []wire.ClaimMark{{Name: "paper", Mean: 0.29, Low: 0.29, High: 0.29, Text: "0.29"}, {Name: "here", Mean: 0.6, Low: 0.6, High: 0.6, Text: "0.60"}}},
	}
}

func madeFigures() []wire.Figure {
	r := rand.New(rand.NewPCG(3, 3))
	spectrum := wire.Figure{ID: "spectrum", Kind: wire.FigureLines, Title: "How thin is each update?", Sub: "singular values of ΔW, mean over adapted matrices and seeds",
		X: wire.Axis{Name: "direction", Min: 1, Max: 64}, Y: wire.Axis{Name: "singular value", Log: true},
		Caption: "Directions that hold 90 % of the energy of an update: q, v r = 4 2.1 of 4; full fine-tuning 9.4 of 64."}
	line := func(name, arm, role string, n int, top, fall float64) {
		s := wire.Series{Name: name, Arm: arm, Role: role}
		for i := range n {
			s.X, s.Y = append(s.X, float64(i+1)), append(s.Y, top*math.Exp(-float64(i)*fall)+0.028*(1-float64(i)/80))
		}
		spectrum.Series = append(spectrum.Series, s)
	}
	line("full fine-tuning", "full", wire.RoleReference, 64, 2.6, 0.2)
	line("q, v  r = 32", "qv:32", wire.RoleMethod, 32, 1.9, 0.28)
	line("q, v  r = 8", "qv:8", wire.RoleMethod, 8, 1.3, 0.36)
	line("q, v  r = 4", "qv:4", wire.RoleMethod, 4, 1, 0.42)
	line("q, v  r = 1", "qv:1", wire.RoleMethod, 1, 0.8, 0.42)
	line("random", "", wire.RoleChance, 64, 0.5, 0.012)

	overlap := wire.Figure{ID: "overlap", Kind: wire.FigureHeat, Title: "Do different updates find the same directions?", Sub: "φ(i, j)",
		X: wire.Axis{Name: "j", Min: 1, Max: 32}, Y: wire.Axis{Name: "i", Min: 1, Max: 8}, Caption: "The first direction agrees: r = 8 and r = 32 0.62; chance is 0.016."}
	for k, title := range []string{"r = 8 against r = 32, other seed", "chance"} {
		h := wire.Heat{Title: title, Rows: 8, Cols: 32, Scale: "viridis", Max: 1, Note: []string{"φ(1,1) = 0.62", "φ(1,1) = 0.016"}[k]}
		for i := 1; i <= 8; i++ {
			for j := 1; j <= 32; j++ {
				v := float64(max(i, j)) / 64
				if k == 0 {
					v = math.Max(v, 0.66*math.Exp(-float64(i-1)*0.5)+0.4*v)
				}
				h.Values = append(h.Values, math.Min(1, math.Max(0, v+0.02*normal(r))))
			}
		}
		overlap.Heats = append(overlap.Heats, h)
	}

	delta := wire.Figure{ID: "delta", Kind: wire.FigureHeat, Title: "The update, entry by entry", Sub: "ΔW of q", Caption: "Stripes are the rows and columns of a matrix of rank 4."}
	for b := range 4 {
		u, v := make([]float64, 256), make([]float64, 256)
		for i := range u {
			u[i], v[i] = normal(r), normal(r)
		}
		h := wire.Heat{Title: "block " + string(rune('1'+b)), Rows: 64, Cols: 64, Scale: diverging, Min: -1, Max: 1}
		for y := range 64 {
			for x := range 64 {
				sum := 0.0
				for k := range 4 {
					sum += u[k*64+y] * v[k*64+x] * math.Exp(-0.75*float64(k))
				}
				h.Values = append(h.Values, sum*[]float64{0.2, 0.3, 0.42, 0.34}[b])
			}
		}
		delta.Heats = append(delta.Heats, h)
	}

	amplify := wire.Figure{ID: "amplify", Kind: wire.FigureBars, Title: "Does the update stress what W already has?", Sub: "‖UᵀWV‖, mean over matrices and seeds", X: wire.Axis{Name: "‖UᵀWV‖"},
		Caption: "q, v r = 4: 2.9 times random. The paper has 16 times random, at r = 4."}
	for _, b := range []struct {
		name, part, role string
		v                float64
	}{{"q, v  r = 4", "first 4 of the update", "train", 1.21}, {"q, v  r = 4, random", "4 random directions", "chance", 0.42}, {"q, v  r = 4, W itself", "first 4 of W", "frozen", 5.3}} {
		amplify.Bars = append(amplify.Bars, wire.Bar{Name: b.name, Arm: "qv:4", Parts: []wire.BarPart{{Name: b.part, Role: b.role, Value: b.v, Text: Number(b.v)}}})
	}

	kept := wire.Figure{ID: "kept", Kind: wire.FigureBars, Title: "What is kept for the backward pass?", Sub: "bytes by kind of tensor, one batch", X: wire.Axis{Name: "kept", Unit: "kB"}, Caption: "Full fine-tuning keeps most, 19.0 MB; head only least, 300 kB."}
	for _, a := range madeArms() {
		if a.Arm == "head" || a.Arm == "qv:4" || a.Arm == "full" {
			bar := wire.Bar{Name: a.Label, Arm: a.Arm}
			for _, p := range a.Ledger.Parts {
				bar.Parts = append(bar.Parts, wire.BarPart{Name: p.Name, Role: "act", Value: float64(p.Bytes) / 1e3, Text: Bytes(p.Bytes)})
			}
			kept.Bars = append(kept.Bars, bar)
		}
	}

	merge := wire.Figure{ID: "merge", Kind: wire.FigureTable, Title: "Does a merged update cost anything?", Sub: "first seed", Columns: []string{"Racer", "Largest change of a logit", "Operations, base", "merged", "unmerged"},
		Rows: [][]string{{"q, v  r = 4", "1.9e-06", "3,912,704", "3,912,704", "4,189,184"}, {"q, v  r = 32", "2.4e-06", "3,912,704", "3,912,704", "6,124,544"}}, Caption: "Merging changes no logit by more than 2.4e-06."}
	rates := wire.Figure{ID: "rates", Kind: wire.FigureLines, Title: "Which rate was picked?", Sub: "validation accuracy on the grid", X: wire.Axis{Name: "learning rate", Log: true}, Y: wire.Axis{Name: "validation accuracy", Unit: "%"}, Caption: "Each racer at its own best rate."}
	for i, a := range []string{"head", "qv:1", "qv:4", "full"} {
		x := []float64{1e-4, 3e-4, 1e-3, 3e-3, 1e-2}
		s := wire.Series{Name: map[string]string{"head": "head only", "qv:1": "q, v  r = 1", "qv:4": "q, v  r = 4", "full": "full fine-tuning"}[a], Arm: a, X: x}
		for k := range x {
			s.Y = append(s.Y, 92-3*math.Pow(float64(k)-4+0.9*float64(i), 2)/2)
		}
		rates.Series = append(rates.Series, s)
	}
	return []wire.Figure{spectrum, overlap, delta, amplify, kept, merge, rates}
}
