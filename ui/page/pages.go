package page

import (
	"cmp"
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

// claimsPage lists every claim of every lab with the verdict that counts for this visitor.
type claimsPage struct {
	app.Compo
	Site *Site
	At   version
}

// Render draws the page.
func (c *claimsPage) Render() app.UI {
	s := c.Site
	body := []app.UI{
		app.H1().Text("Claims"),
		app.P().Class("lede").Text("What the papers say, where they say it, and what came out here. A verdict is yours where your own run has judged the claim on this device; else it is that of the recorded run."),
	}
	for _, lab := range s.Data.Catalog.Labs {
		var rows []app.UI
		for _, st := range s.verdicts(lab) {
			rows = append(rows, c.row(st))
		}
		body = append(body, app.Section().Class("claimlab").Body(
			app.Div().Class("secth").Body(app.H2().Body(app.A().Href(s.href(lab.ID)).Text(lab.Question)), app.Span().Class("muted").Text(lab.Short+", "+lab.Venue)),
			app.Div().Class("claimrows").Body(rows...)))
	}
	return app.Main().ID("main").Class("wrap text").Body(body...)
}

func (c *claimsPage) row(st standing) app.UI {
	from := st.From
	if st.Verdict == wire.NotRun && from == "" {
		from = "not run yet"
	}
	class := "tag"
	if st.Yours {
		class += " yours"
	}
	source := []app.UI{app.Span().Class(class).Text(from)}
	switch {
	case st.Verdict == wire.NotRun && st.Claim.Link != "":
		source = append(source, app.A().Href(c.Site.href(readable(st.Claim.Link))).Aria("label", "Run what judges it: "+st.Says).Text("Run what judges it"))
	case st.Link != "":
		source = append(source, app.A().Href(c.Site.href(readable(st.Link))).Text("open this run"))
	}
	return app.Article().ID(st.Claim.ID).Class("claimrow").DataSet("claim", st.Claim.ID).DataSet("verdict", string(st.Verdict)).Body(
		app.Div().Class("v").Body(
			app.Span().Class("verdict v-"+verdictClass(st.Verdict)).Body(icon(verdictIcon(st.Verdict)), app.Span().Text(verdictWord(st.Verdict))),
			app.Span().Class("faint").Text(st.Claim.At)),
		app.Div().Class("s").Body(
			app.P().Class("says").Text(st.Says),
			app.Dl().Class("pairs").Body(
				app.Dt().Text("paper"), app.Dd().Text(st.Paper),
				app.Dt().Text("here"), app.Dd().Text(cmp.Or(st.Here, "nothing yet: "+st.Claim.Needs)),
				app.Dt().Text("rule"), app.Dd().Text(capital(st.Claim.Here))),
			app.P().Class("src").Body(source...)),
	)
}

// howPage explains what runs where and what may be believed.
func (s *Site) howPage() app.UI {
	section := func(title string, paragraphs ...string) app.UI {
		body := []app.UI{app.H2().Text(title)}
		for _, p := range paragraphs {
			body = append(body, app.P().Text(p))
		}
		return app.Section().Body(body...)
	}
	return app.Main().ID("main").Class("wrap text").Body(
		app.H1().Text("How it works"),
		app.P().Class("lede").Text("Three small programs, all of them in your browser: the page, the kernels that train in workers, and the stage that draws."),
		app.Div().Class("prose cols").Body(
			section("A run is a value",
				"The lab, its knobs, the seed and the version of the engine fix every bit of what is trained. Sums have one order, every product is rounded on its own, and the exponential and the hyperbolic tangent are Petri's own, because those of different machines differ in their last bits.",
				"So a link is an experiment that others can repeat, and the fingerprint proves that they did: a SHA-256 over the knobs, the loss of every step and the trained weights of every racer and seed. The command line prints the same fingerprint without a browser."),
			section("A fair race",
				"Racers of one seed see the same examples in the same order for the same number of steps, and start from the same head, unless a knob makes something else equal. Each uses a learning rate that was tuned on validation data, from one grid for all: for itself, or for the racer most like it, and a table says which; the test data are looked at once, at the end.",
				"The floor (a linear head on the frozen net) and the reference (all weights trained) are there to bound what a method can do. One seed is one draw, so results are means with 95 % intervals over seeds, and comparisons are made seed by seed."),
			section("A claim",
				"Each lab states sentences of its paper that could turn out wrong here, with the table they come from, and the rule that decides. The verdict is holds, fails or unclear. Unclear means that the seeds do not settle it, not that it nearly held. A claim that fails at this scale is shown as failed: a net of width 64 is not GPT-3, and the page says what differs."),
			section("Memory is counted, not quoted",
				"Every number that the backward pass will need goes through one place that counts it, once. What the table calls kept is the sum, and a test overwrites everything else with nonsense to show that gradients do not change by a bit."),
			app.Raw(`<section><h2>How fast it is</h2><p>The kernels are Go and generated vector instructions, in one worker for each core. What they reach depends on your machine: <a href="`+s.href("bench")+`">measure it</a>, beside the recorded figures of other engines.</p></section>`),
			section("Your data",
				"Nothing leaves this browser. Finished trials, your verdicts, what you measured and the theme are kept on this device so that a reload loses nothing; reset forgets the run. A picture of your own stays in its tab, unless you have this device keep it."),
			app.Section().Body(
				app.H2().Text("For scripts"),
				app.P().Text("Pages and notebooks that embed Petri can drive it:"),
				app.Raw(`<pre class="code">petri.labs()                       // the labs and their knobs
await petri.run("lora", {knobs: {arms: ["head", "qv:4"], steps: 100}, seed: 7,
  onEvent: e =&gt; console.log(e)})    // the report, as JSON
await petri.bench({quick: true})   // what this machine reaches
petri.cancel()</pre>`)),
		),
	)
}

// creditsPage says where data, weights and code come from.
func (s *Site) creditsPage() app.UI {
	rows := make([]app.UI, len(s.Data.Sources))
	for i, src := range s.Data.Sources {
		name := app.UI(app.Text(src.Name))
		var links []app.UI
		if src.URL != "" {
			links = append(links, outside(src.URL, src.Licence))
		} else {
			links = append(links, app.Span().Text(src.Licence))
		}
		if src.File != "" {
			links = append(links, app.Text(" · "), s.file(src.File, "shipped beside it"))
		}
		rows[i] = app.Article().Class("claimrow").Body(app.Div().Class("v").Body(links...), app.Div().Class("s").Body(app.P().Class("says").Body(name), app.P().Text(src.Text)))
	}
	return app.Main().ID("main").Class("wrap text").Body(
		app.H1().Text("Credits"),
		app.P().Class("lede").Text("Petri is free software under the MIT licence, by The Petri authors. The methods belong to the authors of the papers; every lab names them and links to their work."),
		app.Div().Class("secth").Body(app.H2().Text("Data and weights")),
		app.Div().Class("claimrows").Body(rows...),
		app.Div().Class("secth").Body(app.H2().Text("Software")),
		app.P().Class("prose").Body(app.Text("Petri is written in Go. The licences of every module in its programs, and of Go itself, are in "), s.file("NOTICES.txt", "NOTICES"), app.Text(".")),
	)
}

// file is a link to a file of this site. go-app would take a click on it for a page.
func (s *Site) file(path, text string) app.UI {
	return app.A().Href(s.href(path)).OnClick(letBrowser).Text(text)
}

func letBrowser(_ app.Context, e app.Event) { e.Call("stopPropagation") }

func (s *Site) missingPage() app.UI {
	links := []app.UI{app.A().Class("btn primary").Href(s.href("")).Text("All labs")}
	for _, l := range s.Data.Catalog.Labs {
		links = append(links, app.A().Class("btn").Href(s.href(l.ID)).Text(l.Short))
	}
	return app.Main().ID("main").Class("wrap text").Body(
		app.H1().Text("There is no such page"),
		app.P().Class("lede").Text("The address leads nowhere on this site. Perhaps a lab was meant:"),
		app.Div().Class("cta").Body(links...),
	)
}
