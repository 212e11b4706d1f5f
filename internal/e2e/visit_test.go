//go:build !js

package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"petri/internal/browser"
)

// sweep is a run small enough for a test and large enough for curves, intervals and verdicts.
const sweep = "/lora?arms=head,qv:1,full&train=64&steps=5&seeds=2"

// finished is true once a run has been judged and its fingerprint is on the page; printed is the fingerprint.
const (
	finished = `document.querySelector("#fingerprint[data-print]") && /your run|your own/i.test(document.querySelector("#claims h2").textContent)`
	printed  = `document.querySelector("#fingerprint").dataset.print`
)

// play presses the button and waits for the verdicts.
func play(t *testing.T, tab *browser.Tab) string {
	t.Helper()
	must(t, tab.Click("#play"))
	must(t, tab.Wait(180*time.Second, finished))
	return ask[string](t, tab, printed)
}

// TestNewVisitor does what somebody does who was sent a link to Petri: opens the home page, goes to the lab, makes a
// small run, reads the verdicts, shares the link. A friend opens it in another browser and gets the same bits.
func TestNewVisitor(t *testing.T) {
	for _, base := range []string{"", "/repo"} {
		t.Run("base "+base, func(t *testing.T) {
			h := hosting(t, base)
			tab := visitor(t, h)
			must(t, tab.Size(1440, 900))
			must(t, tab.Open(h.url("/")))
			must(t, tab.Wait(60*time.Second, started))
			must(t, tab.Click(`main a[href^="`+base+`/lora"]`))
			must(t, tab.Wait(30*time.Second, `location.pathname === "`+base+`/lora" && document.querySelector("#play") && !document.querySelector("main[hidden] #play")`))
			must(t, tab.Back())
			must(t, tab.Wait(30*time.Second, `location.pathname === "`+base+`/" && document.querySelector("main.home")`))

			must(t, tab.Open(h.url(sweep)))
			must(t, tab.Wait(60*time.Second, started))
			fingerprint := play(t, tab)
			verdicts := ask[[]string](t, tab, `[...document.querySelectorAll("#claims .claim")].map((c) => c.id + ": " + c.querySelector(".verdict").textContent.trim())`)
			if len(verdicts) < 5 {
				t.Errorf("%d claims on the page: %v", len(verdicts), verdicts)
			}
			for _, v := range verdicts {
				if _, word, _ := strings.Cut(v, ": "); !strings.Contains("Holds Fails Unclear Not run", word) || word == "" {
					t.Errorf("claim %q has no verdict", v)
				}
			}
			// The table of racers has one row per arm, with an accuracy.
			if text := ask[string](t, tab, `document.querySelector("table").innerText`); strings.Count(text, "%") < 3 {
				t.Errorf("the table of racers shows no accuracies: %q", text)
			}

			// Share: what lands on the clipboard is this page's address with what differs from the default.
			must(t, tab.Do(`navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }`))
			must(t, tab.Click("#share"))
			must(t, tab.Wait(10*time.Second, `window.copied`))
			link := ask[string](t, tab, `window.copied`)
			if u, err := url.Parse(link); err != nil || u.Scheme+"://"+u.Host != h.origin || u.Path != base+"/lora" || u.RawQuery != strings.TrimPrefix(sweep, "/lora?") {
				t.Errorf("the shared link is %s", link)
			}

			// A reload brings the run back without training again.
			must(t, tab.Reload())
			must(t, tab.Wait(60*time.Second, started))
			must(t, tab.Wait(60*time.Second, finished))
			if again := ask[string](t, tab, printed); again != fingerprint {
				t.Errorf("after a reload the fingerprint is %s, before it was %s", again, fingerprint)
			}

			if base != "" {
				return // what follows does not depend on where the site lies
			}
			if want := native(t, strings.TrimPrefix(sweep, "/")).Fingerprint; fingerprint != want {
				t.Errorf("the page shows the fingerprint %s, natively it is %s", fingerprint, want)
			}
			friend := visitor(t, h)
			must(t, friend.Size(900, 900))
			must(t, friend.Open(link))
			must(t, friend.Wait(60*time.Second, started))
			if theirs := play(t, friend); theirs != fingerprint {
				t.Errorf("the friend's fingerprint is %s, ours %s", theirs, fingerprint)
			}
		})
	}
}

// TestBack changes a knob and goes back: the knob, the address and the page follow.
func TestBack(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Size(1440, 1000))
	must(t, tab.Open(h.url("/")))
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Click(`main a[href^="/lora"]`))
	must(t, tab.Wait(30*time.Second, `location.pathname === "/lora" && document.querySelector('[data-racer="scratch"]')`))
	pressed := `document.querySelector('[data-racer="scratch"]').getAttribute("aria-pressed") === "true"`
	if !ask[bool](t, tab, pressed) {
		t.Fatal("training from scratch is not among the default racers")
	}
	must(t, tab.Click(`[data-racer="scratch"]`))
	must(t, tab.Wait(10*time.Second, `/arms=/.test(location.search) && !/scratch/.test(location.search) && !(`+pressed+`)`))
	must(t, tab.Back())
	must(t, tab.Wait(10*time.Second, `location.search === "" && `+pressed))
	must(t, tab.Back())
	must(t, tab.Wait(10*time.Second, `location.pathname === "/" && document.querySelector("main.home")`))
}

// TestBadLinks opens links that cannot be used: the page says what is wrong and what would do, and still works.
func TestBadLinks(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	for link, want := range map[string]string{
		"/lora?train=9000000":     "train=7000",
		"/lora?arms=qv:4,zz:3":    "zz",
		"/lora?stepz=5":           "steps",
		"/lora?task=digit":        "digits",
		"/lora?seed=-1":           "seed",
		"/lora?arms=":             "arm",
		"/lora?%%%=%zz&arms=%ff":  "",
		"/lora?train=NaN&lr=huge": "train",
		"/moat?arms=moat":         "arm",
		"/moat?arms=moat,vit~dw":  "nodw",
		"/moat?width=12&batch=1":  "batch",
		"/sam?arms=heads:9":       "heads:4",
		"/sam?rounds=40":          "rounds=8",
	} {
		must(t, tab.Open(h.url(link)))
		must(t, tab.Wait(60*time.Second, started))
		must(t, tab.Wait(20*time.Second, `document.querySelector("#play") && !document.querySelector("#play").disabled`))
		if text := ask[string](t, tab, `document.querySelector("main:not([hidden])").innerText`); !strings.Contains(text, want) {
			t.Errorf("%s: the page does not speak of %q", link, want)
		}
	}
}

// TestPageStaysResponsive trains with all workers and looks for tasks that keep the page busy for more than 50 ms. The
// first run brings up the stage; up to three more are measured, and one without such a task is enough: what else the
// machine does can only add to a task, while a task that is long by itself is long in every run. Processor time decides,
// because the clock also counts the time in which the page was given no processor. Both are reported.
func TestPageStaysResponsive(t *testing.T) {
	h := hosting(t, "")
	for _, link := range []string{"/lora?arms=head,qv:4,full&train=64&steps=30&seeds=1", "/moat?train=200&steps=20&seeds=1", "/vpt?train=64&steps=20&seeds=1", "/sam?scenes=64&steps=40&batch=4&seeds=1"} {
		t.Run(link, func(t *testing.T) { staysResponsive(t, h, link) })
	}
}

func staysResponsive(t *testing.T, h *host, link string) {
	tab := visitor(t, h)
	must(t, tab.Size(1440, 900))
	must(t, tab.Open(h.url(link)))
	must(t, tab.Wait(60*time.Second, started))
	play(t, tab)
	must(t, tab.Wait(60*time.Second, stageUp))
	must(t, tab.Do(`window.long = []; new PerformanceObserver((l) => { for (const e of l.getEntries()) window.long.push(e.duration); }).observe({ type: "longtask" })`))
	var long []string
	for run := range 3 {
		if long = longTasks(t, tab); len(long) == 0 {
			return
		}
		t.Logf("run %d: %s", run+1, strings.Join(long, "; "))
	}
	t.Errorf("tasks kept the page busy for more than 50 ms in each of three runs, in the last: %s", strings.Join(long, "; "))
}

// longTasks trains once and describes the tasks that took more than 50 ms of the processor.
func longTasks(t *testing.T, tab *browser.Tab) (long []string) {
	tasks, err := tab.Tasks(func() error {
		must(t, tab.Click("#play"))
		must(t, tab.Wait(60*time.Second, "!("+finished+")"))
		return tab.Wait(180*time.Second, finished)
	})
	must(t, err)
	slices.SortFunc(tasks, func(a, b browser.Task) int { return int(b.CPU - a.CPU) })
	if len(tasks) < 100 {
		t.Fatalf("only %d tasks were seen", len(tasks))
	}
	for _, task := range tasks {
		if task.CPU > 50*time.Millisecond {
			long = append(long, fmt.Sprintf("%v (%v by the clock), %.1f s after play: %s", task.CPU.Round(time.Millisecond), task.Wall.Round(time.Millisecond), task.Start.Seconds(), task.What))
		}
	}
	wall := ask[[]float64](t, tab, `window.long.splice(0)`)
	t.Logf("longest tasks: %v %v %v of the processor; %d of %d over 50 ms by the clock of this machine", tasks[0].CPU, tasks[1].CPU, tasks[2].CPU, len(wall), len(tasks))
	return long
}

// TestCancel stops a run that would take long: within a second nothing trains any more, and the page can play again.
func TestCancel(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Size(1440, 900))
	must(t, tab.Open(h.url("/lora?arms=full,scratch&train=7000&steps=2000&seeds=5")))
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Click("#play"))
	must(t, tab.Wait(60*time.Second, `document.querySelector("#cancel") && !document.querySelector("#cancel").disabled`))
	time.Sleep(time.Second)
	must(t, tab.Click("#cancel"))
	must(t, tab.Wait(3*time.Second, `document.querySelector("#cancel").disabled`))
	if said := askWithin[string](t, tab, 60*time.Second, `petri.run("lora", {knobs: {arms: "head", train: 64, steps: 2, seeds: 1}}).then((r) => r.fingerprint, (e) => e.message)`); len(said) != 64 {
		t.Errorf("after a cancelled run, petri.run says %q", said)
	}
}
