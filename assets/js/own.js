// Pictures of the visitor's own: from a file, a drop, the clipboard, the camera or a brush. The page fetches this script for a
// lab that takes them. A picture stays in this tab: nothing here sends anything, and photographs come from the site itself.
//
// check(head, size) judges the beginning of a file: "", "more" or why not. cut(width, height) is [x, y, side, ...sides]: the
// square to take and the sides through which it is scaled. tell(from, name, why, width, height, side, rgba) hands a picture over,
// or says why there is none: why is a name that the page has words for, or its own words.
"use strict";
window.petriOwn = (check, cut, tell) => {
  const make = (tag, more, ...inside) => {
    const e = Object.assign(document.createElement(tag), more);
    e.append(...inside);
    return e;
  };
  const sorry = (from, why) => tell(from, "", why, 0, 0, 0, new Uint8Array());
  // The panel that takes pictures, where it can be seen. What it shows while one comes is in the style sheet.
  const panel = () => [...document.querySelectorAll("[data-own]")].find((e) => e.offsetParent);
  const mark = (as) => { const p = panel(); if (p) p.dataset.own = as; };

  // One picture at a time: what comes late of an earlier wish is dropped.
  let latest = 0;
  const take = async (from, name, get) => {
    const mine = ++latest;
    let got, why = "";
    mark("busy");
    try {
      got = scaled(await get());
    } catch (err) {
      why = err.why || "no memory";
    }
    if (mine !== latest) return;
    mark("");
    if (why) sorry(from, why); else tell(from, name, why, ...got);
  };
  const refuse = (why) => { throw Object.assign(new Error(why), { why }); };

  // decoded judges a file by its beginning, then has the browser decode it, turned as its camera was held.
  const decoded = async (file) => {
    for (let n = 1 << 16, why = "more"; why; n *= 16) {
      const head = await file.slice(0, n).arrayBuffer().catch(() => refuse("unreadable"));
      why = check(new Uint8Array(head), file.size);
      if (why && why !== "more") refuse(why);
    }
    return createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => refuse("broken"));
  };
  const square = (side) => make("canvas", { width: side, height: side });
  const scaled = (image) => {
    const { width, height } = image;
    let [x, y, from, ...sides] = cut(width, height), pen;
    for (const side of sides) {
      pen = square(side).getContext("2d", { willReadFrequently: side === sides.at(-1) });
      pen.imageSmoothingQuality = 2 * side === from ? "low" : "high"; // half is exact: the mean of four
      pen.drawImage(image, x, y, from, from, 0, 0, side, side);
      if (image.close) image.close(); else image.width = 0; // large ones are let go at once
      [image, x, y, from] = [pen.canvas, 0, 0, side];
    }
    return [width, height, from, new Uint8Array(pen.getImageData(0, 0, from, from).data.buffer)];
  };
  const file = (from, f) => take(from, f.name || "picture", () => decoded(f));

  // Files are taken wherever they are dropped on the page, so that the browser does not leave it for them.
  const shut = () => document.querySelector("dialog[open]");
  const carries = (e, kind) => panel() && e.dataTransfer?.types.includes(kind);
  const over = (e) => carries(e, "Files") || carries(e, "text/uri-list") && e.target.closest?.(".stagebox") && !shut();
  let left;
  addEventListener("dragover", (e) => {
    clearTimeout(left);
    if (!over(e)) return;
    e.preventDefault();
    if (shut()) return void (e.dataTransfer.dropEffect = "none"); // a dialog is open, a painting perhaps
    e.dataTransfer.dropEffect = "copy";
    mark("over");
    left = setTimeout(mark, 300, ""); // there is an event a few times a second while something is held over the page
  });
  addEventListener("drop", (e) => {
    if (!over(e)) return;
    e.preventDefault();
    clearTimeout(left);
    if (shut()) return;
    mark("");
    const f = e.dataTransfer.files[0];
    if (f) file("drop", f); else sorry("drop", "link");
  });
  addEventListener("paste", (e) => {
    const f = e.clipboardData?.files[0];
    if (!f || !panel() || document.querySelector("dialog[open]") || e.target.closest?.("textarea,input[type=text]")) return;
    e.preventDefault();
    file("paste", f);
  });

  // opened is a dialog, which goes when it is closed, when the visitor leaves the page or turns away from it.
  const opened = (title, hides, ends, ...inside) => {
    const d = make("dialog", { className: "own" }, make("div", { className: "ph" }, make("h2", { id: "own-title", textContent: title })), ...inside);
    d.setAttribute("aria-labelledby", "own-title");
    d.addEventListener("keydown", (e) => e.stopPropagation()); // keys are of the dialog and not of the run below it
    const leave = () => d.close(), hide = () => document.hidden && leave();
    addEventListener("popstate", leave);
    addEventListener("pagehide", leave);
    if (hides) document.addEventListener("visibilitychange", hide);
    d.addEventListener("close", () => {
      removeEventListener("popstate", leave);
      removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", hide);
      d.remove();
      ends();
    });
    document.body.append(d);
    d.showModal();
    return d;
  };
  const button = (text, press, className = "btn") => make("button", { type: "button", className, textContent: text, onclick: press });
  const row = (className, label, ...inside) => {
    const r = make("div", { className }, ...inside);
    if (label) r.setAttribute("role", "group"), r.setAttribute("aria-label", label);
    return r;
  };

  const camera = async () => {
    if (!navigator.mediaDevices?.getUserMedia) return sorry("camera", "no asking");
    let stream, over = false;
    const release = () => { over = true; stream?.getTracks().forEach((t) => t.stop()); video.srcObject = null; };
    const video = make("video", { muted: true, playsInline: true });
    video.setAttribute("aria-label", "What the camera sees");
    const shoot = button("Take the picture", () => {
      const still = make("canvas", { width: video.videoWidth, height: video.videoHeight });
      still.getContext("2d").drawImage(video, 0, 0);
      d.close();
      take("camera", "camera", () => still);
    }, "btn primary");
    shoot.disabled = true;
    const says = make("p", { textContent: "Waiting for the camera. The browser may ask you first." });
    says.setAttribute("role", "status");
    const d = opened("Camera", true, release, video, says, row("cta", "", shoot, button("Cancel", () => d.close())));
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      if (over) return release();
      stream.getTracks()[0].onended = () => { d.close(); sorry("camera", "busy camera"); };
      video.srcObject = stream;
      await video.play();
      says.textContent = "Only the picture that you take is kept, in this tab: its middle square. The camera is let go at once.";
      shoot.disabled = false;
      shoot.focus();
    } catch (err) {
      if (over) return;
      d.close();
      sorry("camera", { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "no camera", OverconstrainedError: "no camera" }[err.name] || "busy camera");
    }
  };

  // The painting is 64 pixels square, and is kept in this tab until it is used.
  const N = 64, colours = { black: "#1c1c1c", grey: "#8a8a8a", white: "#ffffff", red: "#c8372d", orange: "#e8912d", yellow: "#f2d14a", green: "#3f8f4f", blue: "#2f6fb3", violet: "#7a4f9e", brown: "#7b4f35" };
  let painting = null;
  const paint = (shown, scene) => {
    const canvas = make("canvas", { width: N, height: N, tabIndex: 0 }), pen = canvas.getContext("2d", { willReadFrequently: true });
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", "Picture of 64 by 64 pixels");
    canvas.setAttribute("aria-describedby", "own-keys");
    let tool = "Brush", size = 4, colour = colours.blue, x = 32, y = 32, ground, used = false;
    const past = [];
    const all = () => pen.getImageData(0, 0, N, N);
    const keep = () => { past.push([all(), ground]); if (past.length > 60) past.shift(); back.disabled = false; };
    const lay = (image) => { ground = image; pen.putImageData(image, 0, 0); };
    const plain = (c) => { pen.fillStyle = c; pen.fillRect(0, 0, N, N); ground = all(); };
    // dab puts the brush down with its middle at a pixel; rubbing brings back what the painting began with.
    const dab = (px, py) => {
      const at = [Math.round(px - (size - 1) / 2), Math.round(py - (size - 1) / 2), size, size];
      if (tool === "Eraser") return pen.putImageData(ground, 0, 0, ...at);
      pen.fillStyle = colour;
      pen.fillRect(...at);
    };
    const flood = (px, py) => {
      const image = all(), data = new Uint32Array(image.data.buffer), from = data[py * N + px];
      pen.fillStyle = colour;
      pen.fillRect(px, py, 1, 1);
      const to = new Uint32Array(all().data.buffer)[py * N + px], todo = [py * N + px];
      while (from !== to && todo.length) {
        const i = todo.pop();
        if (data[i] !== from) continue;
        data[i] = to;
        if (i % N) todo.push(i - 1);
        if (i % N < N - 1) todo.push(i + 1);
        if (i >= N) todo.push(i - N);
        if (i < N * (N - 1)) todo.push(i + N);
      }
      pen.putImageData(image, 0, 0);
    };
    const cursor = make("i", { className: "cursor" });
    const move = (px, py) => {
      [x, y] = [px, py].map((v) => Math.min(N - 1, Math.max(0, Math.floor(v))));
      const side = tool === "Fill" ? 1 : size, put = (v) => (100 * Math.round(v - (side - 1) / 2)) / N + "%";
      Object.assign(cursor.style, { left: put(x), top: put(y), width: cursor.style.height = (100 * side) / N + "%" });
    };
    const here = (e) => { const r = canvas.getBoundingClientRect(); return [((e.clientX - r.left) * N) / r.width, ((e.clientY - r.top) * N) / r.height]; };
    const stroke = (e) => {
      for (const p of e.getCoalescedEvents?.().length ? e.getCoalescedEvents() : [e]) {
        const [fx, fy] = [x, y];
        move(...here(p));
        const steps = Math.max(Math.abs(x - fx), Math.abs(y - fy), 1);
        for (let i = 1; i <= steps; i++) dab(Math.round(fx + ((x - fx) * i) / steps), Math.round(fy + ((y - fy) * i) / steps));
      }
    };
    let down = false;
    canvas.onpointerdown = (e) => {
      if (e.button) return;
      keep();
      move(...here(e));
      if (tool === "Fill") return flood(x, y);
      down = true;
      canvas.setPointerCapture(e.pointerId);
      dab(x, y);
    };
    canvas.onpointermove = (e) => (down ? stroke(e) : move(...here(e)));
    canvas.onpointerup = canvas.onpointercancel = () => { down = false; };
    const says = make("p", { className: "sr" });
    says.setAttribute("role", "status");
    canvas.onkeydown = (e) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
      if (e.ctrlKey || e.metaKey || e.altKey || !step && e.key !== " " && e.key !== "Enter") return;
      e.preventDefault();
      if (step) move(x + step[0], y + step[1]);
      if (!step || e.shiftKey) {
        if (!e.repeat) keep();
        if (tool === "Fill") flood(x, y); else dab(x, y);
      }
      says.textContent = "column " + (x + 1) + ", row " + (y + 1) + (step && !e.shiftKey ? "" : ", painted");
    };
    const undo = () => {
      if (past.length) {
        const [image, before] = past.pop();
        pen.putImageData(image, 0, 0);
        ground = before;
      }
      if (!past.length && document.activeElement === back) canvas.focus(); // a button that is off keeps no focus
      back.disabled = !past.length;
    };
    // choice is a row of buttons of which one is pressed.
    const press = (group, b) => { for (const o of group.querySelectorAll("button")) o.setAttribute("aria-pressed", o === b); };
    const choice = (label, className, list, chosen, choose) => {
      const group = row(className, label, ...list.map(([value, name, more]) => {
        const b = button(name, () => { choose(value); press(group, b); }, "");
        b.setAttribute("aria-pressed", value === chosen);
        more?.(b);
        return b;
      }));
      return group;
    };
    const own = make("input", { type: "color", value: colour, oninput: () => { colour = own.value; press(palette); } });
    own.setAttribute("aria-label", "Another colour");
    const palette = choice("Colours", "swatches", Object.entries(colours).map(([name, c]) => [c, "", (b) => { b.style.background = c; b.title = name; b.setAttribute("aria-label", name); }]), colour,
      (c) => { colour = own.value = c; });
    palette.append(own);
    const anew = (text, f) => button(text, () => { keep(); f(); }, "tool");
    const from = (text, rgba) => rgba.length ? [anew(text, () => lay(new ImageData(new Uint8ClampedArray(rgba), N, N)))] : [];
    const back = button("Undo", undo, "tool");
    back.disabled = true;
    const use = button("Use this picture", () => {
      used = true;
      d.close();
      take("paint", "painting", () => canvas);
    }, "btn primary");
    plain("#fff");
    if (painting) lay(painting.image), ground = painting.ground;
    painting = null;
    const d = opened("Paint a picture", false, () => { if (!used) painting = { image: all(), ground }; },
      row("easel", "", canvas, cursor), says,
      make("p", { id: "own-keys", className: "faint", textContent: "Arrow keys move the brush and Space paints; with Shift they paint on their way." }),
      row("toolrow", "", choice("Tools", "seg", ["Brush", "Eraser", "Fill"].map((t) => [t, t]), tool, (t) => { tool = t; move(x, y); }),
        choice("Size of the brush, pixels", "seg", [1, 2, 4, 8, 16].map((n) => [n, n]), size, (n) => { size = n; move(x, y); }), back, anew("Clear", () => lay(ground))),
      row("toolrow", "", palette),
      row("toolrow", "Start from", make("span", { className: "faint", textContent: "Start from" }), anew("White", () => plain("#fff")), anew("This colour", () => plain(colour)),
        ...from("The scene", scene), ...from("The picture shown", shown)),
      row("cta", "", use, button("Cancel", () => d.close())));
    d.addEventListener("keydown", (e) => { if ((e.ctrlKey || e.metaKey) && e.key === "z") e.preventDefault(), undo(); });
    move(x, y);
    canvas.focus();
  };

  const choose = make("input", { type: "file", accept: "image/png,image/jpeg,image/webp", onchange: () => {
    if (choose.files[0]) file("file", choose.files[0]);
    choose.value = ""; // the same file may be chosen again
  } });
  // What can be asked for, each with (name, address, file, scene) as far as it needs them.
  return {
    camera,
    file: () => choose.click(),
    paint: (name, address, shown, scene) => paint(shown, scene),
    photo: (name, address) => take("photo", name, async () => {
      const response = await fetch(address).catch(() => refuse("no photograph"));
      return decoded(response.ok ? await response.blob() : refuse("no photograph"));
    }),
    kept: (name, address, bytes) => take("kept", "picture", () => decoded(new Blob([bytes]))),
    forget: () => { latest++; painting = null; mark(""); },
    // What is kept on the device is written anew, from the pixels.
    png: async (side, rgba) => {
      const canvas = square(side);
      canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(rgba), side, side), 0, 0);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
      return new Uint8Array(await blob.arrayBuffer());
    },
  };
};
