//go:build !js

package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestComposer puts racers together in the lab of prompts: what does not fit is told and mended before it is added, a racer
// gets a knob of its own, and neither loses what was chosen.
func TestComposer(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/vpt?arms=head,full")))
	must(t, tab.Wait(60*time.Second, started))
	set := func(id, event, value string) {
		t.Helper()
		must(t, tab.Do(`(() => { const e = document.getElementById("`+id+`"); e.focus(); e.value = "`+value+`"; e.dispatchEvent(new Event("`+event+`", {bubbles: true})); })()`))
	}
	set("compose-method", "change", "krona")
	must(t, tab.Wait(10*time.Second, `document.getElementById("compose-help").textContent.includes("Kronecker")`))
	set("compose-size", "input", "7")
	must(t, tab.Wait(10*time.Second, `document.querySelector("[data-try]") && document.getElementById("add-arm").disabled`))
	if why := ask[string](t, tab, `document.getElementById("add-why").textContent`); !strings.Contains(why, "7 does not divide the width 64") {
		t.Errorf("it says %q", why)
	}
	if at := ask[string](t, tab, `document.activeElement.id + " " + document.activeElement.value`); at != "compose-size 7" {
		t.Errorf("the focus is at %s", at)
	}
	must(t, tab.Click("[data-try]"))
	must(t, tab.Wait(10*time.Second, `document.getElementById("compose-size").value === "8" && !document.getElementById("add-arm").disabled`))

	must(t, tab.Click(".owns summary"))
	set("compose-own", "change", "backbone")
	must(t, tab.Wait(10*time.Second, `document.getElementById("own-backbone")`))
	set("own-backbone", "change", "vtiny-mae")
	set("compose-method", "change", "full")
	must(t, tab.Wait(10*time.Second, `document.getElementById("add-arm").textContent === "Add full fine-tuning, V-tiny MAE"`))
	if kept := ask[bool](t, tab, `document.querySelector(".owns").open && document.getElementById("own-backbone").value === "vtiny-mae"`); !kept {
		t.Error("with another method the knobs of its own are closed or lost")
	}
	must(t, tab.Click("#add-arm"))
	must(t, tab.Wait(10*time.Second, `location.search === "?arms=head,full,full~backbone=vtiny-mae"`))
	if named := ask[bool](t, tab, `[...document.querySelectorAll(".armlist li")].some((x) => x.textContent.startsWith("full fine-tuning, V-tiny MAE"))`); !named {
		t.Error("the racer is not listed by its label")
	}
}
