// Package ref64 holds float64 oracles for the kernels: slow, obvious, and written from the formulas, not from the
// kernels. Only tests import it. Matrices are row-major and contiguous; results are new slices.
package ref64

import "math"

// Wide converts to float64.
func Wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// Narrow converts to float32.
func Narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// MatMul returns a·b [m, n] for a [m, k] and b [k, n].
func MatMul(a, b []float64, m, k, n int) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for x := range k {
				c[i*n+j] += a[i*k+x] * b[x*n+j]
			}
		}
	}
	return c
}

// Transpose returns the transpose [n, m] of a [m, n].
func Transpose(a []float64, m, n int) []float64 {
	t := make([]float64, m*n)
	for i := range m {
		for j := range n {
			t[j*m+i] = a[i*n+j]
		}
	}
	return t
}

// Add returns a + b.
func Add(a, b []float64) []float64 {
	c := make([]float64, len(a))
	for i := range a {
		c[i] = a[i] + b[i]
	}
	return c
}

// Linear returns x·w + b [m, n] for x [m, k], w [k, n] and b [n] or nil.
func Linear(x, w, b []float64, m, k, n int) []float64 {
	y := MatMul(x, w, m, k, n)
	if b != nil {
		for i := range y {
			y[i] += b[i%n]
		}
	}
	return y
}

// GELU returns the tanh form of GELU.
func GELU(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = 0.5 * v * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
	}
	return y
}

// LayerNorm returns rows of x [rows, d] at mean 0 and variance 1 (eps 1e-5 inside of the root), times gain plus bias.
func LayerNorm(x, gain, bias []float64, d int) []float64 {
	y := make([]float64, len(x))
	for i := 0; i < len(x); i += d {
		mean, variance := 0.0, 0.0
		for j := range d {
			mean += x[i+j] / float64(d)
		}
		for j := range d {
			variance += (x[i+j] - mean) * (x[i+j] - mean) / float64(d)
		}
		for j := range d {
			y[i+j] = (x[i+j]-mean)/math.Sqrt(variance+1e-5)*gain[j] + bias[j]
		}
	}
	return y
}

// Softmax returns the softmax of the rows of x [rows, cols].
func Softmax(x []float64, rows, cols int) []float64 {
	y := make([]float64, len(x))
	for i := range rows {
		row, out := x[i*cols:][:cols], y[i*cols:][:cols]
		most := math.Inf(-1)
		for _, v := range row {
			most = math.Max(most, v)
		}
		sum := 0.0
		for j, v := range row {
			out[j] = math.Exp(v - most)
			sum += out[j]
		}
		for j := range out {
			out[j] /= sum
		}
	}
	return y
}

// CrossEntropy returns the mean over rows of -log softmax(x)[label].
func CrossEntropy(x []float64, labels []int32, rows, classes int) float64 {
	p := Softmax(x, rows, classes)
	loss := 0.0
	for i, l := range labels {
		loss -= math.Log(p[i*classes+int(l)]) / float64(rows)
	}
	return loss
}

// SquaredError returns the mean of (x - y)².
func SquaredError(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += (v - y[i]) * (v - y[i])
	}
	return sum / float64(len(x))
}

// FocalDice returns, of logits z and the truth y of 0 and 1, the mean over the pixels of -a·(1-q)²·log q, where q is the
// probability given to the truth and a is alpha where it is 1, and 1 - (2·Σ s·y + 1)/(Σ s + Σ y + 1) with s = sigmoid(z).
func FocalDice(z, y []float64, alpha float64) (focal, dice float64) {
	s := Sigmoid(z)
	both, sum := 1.0, 1.0
	for i, p := range s {
		q, a, miss := p, alpha, z[i]
		if y[i] == 0 {
			q, a, miss = 1-p, 1-alpha, -z[i]
		}
		focal += a * (1 - q) * (1 - q) * math.Log1p(math.Exp(-miss)) / float64(len(z))
		both += 2 * p * y[i]
		sum += p + y[i]
	}
	return focal, 1 - both/sum
}

// MaskIoU returns the intersection over union of the pixels with a logit above 0 and those of the truth; 1 without any.
func MaskIoU(z, y []float64) float64 {
	both, any := 0.0, 0.0
	for i, v := range z {
		in := v > 0
		if in && y[i] == 1 {
			both++
		}
		if in || y[i] == 1 {
			any++
		}
	}
	if any == 0 {
		return 1
	}
	return both / any
}

// TakeRows returns of x [n, t, d] the tokens at the places [n, k]: [n, k, d].
func TakeRows(x []float64, places []int32, n, t, d int) []float64 {
	var y []float64
	for i, at := range places {
		y = append(y, x[(i/(len(places)/n)*t+int(at))*d:][:d]...)
	}
	return y
}

// PutRows returns tokens [n, t, d] that are blank [d] but at the places [n, k], where x [n, k, d] stands.
func PutRows(x, blank []float64, places []int32, n, t, d int) []float64 {
	var y []float64
	for range n * t {
		y = append(y, blank...)
	}
	for i, at := range places {
		copy(y[(i/(len(places)/n)*t+int(at))*d:][:d], x[i*d:])
	}
	return y
}

// Attention returns multi-head attention of n examples of t tokens, q, k, v [n·t, heads·dh], and its probabilities
// [n, heads, t, t].
func Attention(q, k, v []float64, n, t, heads, dh int) (o, probs []float64) {
	d := heads * dh
	o, probs = make([]float64, n*t*d), make([]float64, n*heads*t*t)
	for i := range n {
		for h := range heads {
			at := func(m []float64, row, col int) float64 { return m[(i*t+row)*d+h*dh+col] }
			p := probs[(i*heads+h)*t*t:][:t*t]
			for x := range t {
				for y := range t {
					for z := range dh {
						p[x*t+y] += at(q, x, z) * at(k, y, z) / math.Sqrt(float64(dh))
					}
				}
			}
			copy(p, Softmax(p, t, t))
			for x := range t {
				for z := range dh {
					for y := range t {
						o[(i*t+x)*d+h*dh+z] += p[x*t+y] * at(v, y, z)
					}
				}
			}
		}
	}
	return o, probs
}

// AttentionBias is Attention with a bias [heads, t, t] added to the scores, which have been divided by √dh.
func AttentionBias(q, k, v, bias []float64, n, t, heads, dh int) (o, probs []float64) {
	d := heads * dh
	o, probs = make([]float64, n*t*d), make([]float64, n*heads*t*t)
	for at := range probs {
		i, h, x, y := at/(heads*t*t), at/(t*t)%heads, at/t%t, at%t
		probs[at] = bias[at%(heads*t*t)] + Dot(q[(i*t+x)*d+h*dh:][:dh], k[(i*t+y)*d+h*dh:])/math.Sqrt(float64(dh))
	}
	probs = Softmax(probs, n*heads*t, t)
	for at := range o {
		i, x, h := at/(t*d), at/d%t, at%d/dh
		for y := range t {
			o[at] += probs[((i*heads+h)*t+x)*t+y] * v[(i*t+y)*d+at%d]
		}
	}
	return o, probs
}

// CrossAttention is AttentionBias of t queries, q [n·t, heads·dh], to some keys, k and v [n·keys, heads·dh]. bias and
// probabilities are [heads, t, keys] for each example; bias may be nil.
func CrossAttention(q, k, v, bias []float64, n, t, keys, heads, dh int) (o, probs []float64) {
	d := heads * dh
	for i := range n {
		for h := range heads {
			column := func(m []float64, rows int) (part []float64) { // head h of example i, [rows, dh]
				for row := range rows {
					part = append(part, m[(i*rows+row)*d+h*dh:][:dh]...)
				}
				return part
			}
			scores := MatMul(column(q, t), Transpose(column(k, keys), keys, dh), t, dh, keys)
			for j := range scores {
				scores[j] /= math.Sqrt(float64(dh))
				if bias != nil {
					scores[j] += bias[h*t*keys+j]
				}
			}
			probs = append(probs, Softmax(scores, t, keys)...)
		}
	}
	o = make([]float64, n*t*d)
	for at := range o {
		i, x, h := at/(t*d), at/d%t, at%d/dh
		for y := range keys {
			o[at] += probs[((i*heads+h)*t+x)*keys+y] * v[(i*keys+y)*d+at%d]
		}
	}
	return o, probs
}

// AttentionRelative is Attention of maps of h×w tokens with decomposed relative positions: the tables rh [2h-1, dh] and
// rw [2w-1, dh] add q_i·rh[yi-yj+h-1] + q_i·rw[xi-xj+w-1] to the score, which has been divided by √dh.
func AttentionRelative(q, k, v, rh, rw []float64, n, h, w, heads, dh int) (o, probs []float64) {
	t, d := h*w, heads*dh
	for e := range n {
		bias := make([]float64, heads*t*t)
		for at := range bias {
			g, i, j := at/(t*t), at/t%t, at%t
			row := q[(e*t+i)*d+g*dh:][:dh]
			bias[at] = Dot(row, rh[(i/w-j/w+h-1)*dh:]) + Dot(row, rw[(i%w-j%w+w-1)*dh:])
		}
		one := func(m []float64) []float64 { return m[e*t*d:][:t*d] }
		y, p := AttentionBias(one(q), one(k), one(v), bias, 1, t, heads, dh)
		o, probs = append(o, y...), append(probs, p...)
	}
	return o, probs
}

// RelativeBias returns the bias [heads, h·w, h·w] of a table [heads, 2th-1, 2tw-1]: the offset of the pixel that asks from
// the pixel that is looked at, stretched so that the largest offsets are those of the table, and read between its rows and
// columns.
func RelativeBias(table []float64, heads, th, tw, h, w int) []float64 {
	n, cols := h*w, 2*tw-1
	bias := make([]float64, heads*n*n)
	stretch := func(offset, from, to int) (lo, hi int, f float64) {
		at := float64(to - 1)
		if from > 1 {
			at += float64(offset) * float64(to-1) / float64(from-1)
		}
		lo = int(at + 1e-9)
		return lo, min(lo+1, 2*to-2), at - float64(lo)
	}
	for at := range bias {
		k, i, j := at/(n*n), at/n%n, at%n
		a, b, f := stretch(i/w-j/w, h, th)
		c, d, g := stretch(i%w-j%w, w, tw)
		read := func(y, x int) float64 { return table[(k*(2*th-1)+y)*cols+x] }
		bias[at] = (1-f)*((1-g)*read(a, c)+g*read(a, d)) + f*((1-g)*read(b, c)+g*read(b, d))
	}
	return bias
}

// Sigmoid returns 1/(1 + e**-x).
func Sigmoid(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = 1 / (1 + math.Exp(-v))
	}
	return y
}

// Tanh returns the hyperbolic tangents of x.
func Tanh(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = math.Tanh(v)
	}
	return y
}

// Swish returns x·sigmoid(x).
func Swish(x []float64) []float64 {
	y := Sigmoid(x)
	for i, v := range x {
		y[i] *= v
	}
	return y
}

// Gate returns x [n, rows, c] with its channels times the sigmoid of g [n, c].
func Gate(x, g []float64, n, rows, c int) []float64 {
	y, s := make([]float64, len(x)), Sigmoid(g)
	for i, v := range x {
		y[i] = v * s[i/(rows*c)*c+i%c]
	}
	return y
}

// AdamW makes step t (counted from 1) on p, m and v in place, from the textbook formulas.
func AdamW(p, g, m, v []float64, lr, beta1, beta2, eps, decay float64, t int) {
	for i := range p {
		m[i] = beta1*m[i] + (1-beta1)*g[i]
		v[i] = beta2*v[i] + (1-beta2)*g[i]*g[i]
		mHat := m[i] / (1 - math.Pow(beta1, float64(t)))
		vHat := v[i] / (1 - math.Pow(beta2, float64(t)))
		p[i] -= lr * decay * p[i]
		p[i] -= lr * mHat / (math.Sqrt(vHat) + eps)
	}
}

// Muon makes a step on a matrix p [rows, cols] and its momentum m in place: the direction's singular values are driven towards 1 by five
// rounds of the quintic of Jordan et al. 2024.
func Muon(p, g, m []float64, rows, cols int, lr, momentum, decay float64) {
	u, norm := make([]float64, len(p)), 0.0
	for i := range p {
		m[i] = momentum*m[i] + (1-momentum)*g[i]
		u[i] = momentum*m[i] + (1-momentum)*g[i]
		norm += u[i] * u[i]
	}
	if norm > 0 {
		for i := range u {
			u[i] /= math.Sqrt(norm)
		}
	}
	for range 5 { // u ← 3.4445 u - 4.775 (u uᵀ) u + 2.0315 (u uᵀ)² u; which side the square stands on makes no difference
		a := MatMul(u, Transpose(u, rows, cols), rows, cols, rows)
		one := MatMul(a, u, rows, rows, cols)
		two := MatMul(a, one, rows, rows, cols)
		for i := range u {
			u[i] = 3.4445*u[i] - 4.775*one[i] + 2.0315*two[i]
		}
	}
	for i := range p {
		p[i] -= lr * decay * p[i]
		p[i] -= lr * 0.2 * math.Sqrt(float64(max(rows, cols))) * u[i]
	}
}

// Grad returns the gradient of f at x by central differences with step h. f may keep no reference to x.
func Grad(f func(x []float64) float64, x []float64, h float64) []float64 {
	g, p := make([]float64, len(x)), append([]float64(nil), x...)
	for i, v := range x {
		p[i] = v + h
		up := f(p)
		p[i] = v - h
		g[i] = (up - f(p)) / (2 * h)
		p[i] = v
	}
	return g
}

// Dot returns the sum of products: with the gradient of an output as b it turns a vector function into a scalar one.
func Dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// Depthwise convolves every channel of x [n, h, w, c] with its own window of weight [k, k, c] in steps of stride pixels;
// zeros stand around x, of an odd number one more after it than before.
func Depthwise(x, weight []float64, n, h, w, c, k, stride int) []float64 {
	oh, ow := (h+stride-1)/stride, (w+stride-1)/stride
	before := func(in, out int) int { return max(0, (out-1)*stride+k-in) / 2 }
	y := make([]float64, n*oh*ow*c)
	for i := range y {
		ch, px, py, b := i%c, i/c%ow, i/c/ow%oh, i/c/ow/oh
		for ky := range k {
			for kx := range k {
				iy, ix := py*stride+ky-before(h, oh), px*stride+kx-before(w, ow)
				if iy >= 0 && iy < h && ix >= 0 && ix < w {
					y[i] += x[((b*h+iy)*w+ix)*c+ch] * weight[(ky*k+kx)*c+ch]
				}
			}
		}
	}
	return y
}

// Conv convolves x [n, h, w, cin] with weight [k, k, cin, cout] and adds b [cout] or nil; the window lies as in Depthwise.
func Conv(x, weight, b []float64, n, h, w, cin, cout, k, stride int) []float64 {
	oh, ow := (h+stride-1)/stride, (w+stride-1)/stride
	before := func(in, out int) int { return max(0, (out-1)*stride+k-in) / 2 }
	y := make([]float64, n*oh*ow*cout)
	for i := range y {
		o, px, py, e := i%cout, i/cout%ow, i/cout/ow%oh, i/cout/ow/oh
		if b != nil {
			y[i] = b[o]
		}
		for ky := range k {
			for kx := range k {
				iy, ix := py*stride+ky-before(h, oh), px*stride+kx-before(w, ow)
				if iy < 0 || iy >= h || ix < 0 || ix >= w {
					continue
				}
				for c := range cin {
					y[i] += x[((e*h+iy)*w+ix)*cin+c] * weight[((ky*k+kx)*cin+c)*cout+o]
				}
			}
		}
	}
	return y
}

// UpConv returns the transposed convolution of x [n, h, w, cin] with windows of 2×2 pixels in steps of 2: pixel (y, x) of the
// result is that of (y/2, x/2) times the columns of weight [cin, 2, 2, cout] for (y%2, x%2), plus b [cout] or nil.
func UpConv(x, weight, b []float64, n, h, w, cin, cout int) []float64 {
	y := make([]float64, n*4*h*w*cout)
	for i := range y {
		o, px, py, e := i%cout, i/cout%(2*w), i/cout/(2*w)%(2*h), i/cout/(2*w)/(2*h)
		if b != nil {
			y[i] = b[o]
		}
		for c := range cin {
			y[i] += x[((e*h+py/2)*w+px/2)*cin+c] * weight[((c*2+py%2)*2+px%2)*cout+o]
		}
	}
	return y
}

// AvgPool returns the means of x [n, h, w, c] over windows of k×k pixels in steps of k, of the pixels inside the maps; the
// window lies as in Depthwise.
func AvgPool(x []float64, n, h, w, c, k int) []float64 {
	one := make([]float64, k*k*c)
	for i := range one {
		one[i] = 1
	}
	inside := make([]float64, len(x))
	for i := range inside {
		inside[i] = 1
	}
	y, pixels := Depthwise(x, one, n, h, w, c, k, k), Depthwise(inside, one, n, h, w, c, k, k)
	for i := range y {
		y[i] /= pixels[i]
	}
	return y
}

// BatchStats returns mean and variance of the columns of x [rows, d].
func BatchStats(x []float64, d int) (mean, variance []float64) {
	mean, variance = make([]float64, d), make([]float64, d)
	rows := float64(len(x) / d)
	for i, v := range x {
		mean[i%d] += v / rows
	}
	for i, v := range x {
		variance[i%d] += (v - mean[i%d]) * (v - mean[i%d]) / rows
	}
	return mean, variance
}

// BatchNorm returns the columns of x [rows, d] normalised by mean and variance (eps 1e-3 inside of the root), times gain
// plus bias.
func BatchNorm(x, mean, variance, gain, bias []float64, d int) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		j := i % d
		y[i] = (v-mean[j])/math.Sqrt(variance[j]+1e-3)*gain[j] + bias[j]
	}
	return y
}

// ReLU returns max(x, 0).
func ReLU(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = math.Max(v, 0)
	}
	return y
}

// Times returns the rows of x with their columns times g.
func Times(x, g []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = v * g[i%len(g)]
	}
	return y
}

// Kron returns the Kronecker product [m·p, n·q] of a [m, n] and b [p, q].
func Kron(a, b []float64, m, n, p, q int) []float64 {
	y := make([]float64, m*p*n*q)
	for at := range y {
		i, j := at/(n*q), at%(n*q)
		y[at] = a[i/p*n+j/q] * b[i%p*q+j%q]
	}
	return y
}

// PHM returns the sum of the Kronecker products of a [n, n, n] with the products of s [n, in, r] and u [n, r, out], term by
// term: [n·in, n·out].
func PHM(a, s, u []float64, n, in, r, out int) []float64 {
	y := make([]float64, n*in*n*out)
	for i := range n {
		second := MatMul(s[i*in*r:][:in*r], u[i*r*out:][:r*out], in, r, out)
		y = Add(y, Kron(a[i*n*n:][:n*n], second, n, n, in, out))
	}
	return y
}
