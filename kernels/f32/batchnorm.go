package f32

// Batch norm (Ioffe and Szegedy 2015) over x [rows, d], a channel for each column. Sums over rows have two levels: the
// rows of a block of 64 one after another, then the blocks, both in increasing row. So they are exact to a few bits for
// any batch, and have one order.
const bnBlock = 64

// BatchStats writes mean and variance [d] of the columns of x [rows, d], the variance with 1/rows: one pass for each.
func BatchStats(mean, variance, x []float32, d int) {
	rows := rowsOf("BatchStats", len(x), d)
	same("BatchStats", "mean", len(mean), d)
	same("BatchStats", "variance", len(variance), d)
	inv := 1 / float32(rows)
	clear(mean)
	clear(variance)
	for i := 0; i < rows; i += bnBlock {
		blockSums(mean, x[i*d:][:min(bnBlock, rows-i)*d])
	}
	Scale(mean, inv)
	for i := 0; i < rows; i += bnBlock {
		blockSquares(variance, x[i*d:][:min(bnBlock, rows-i)*d], mean)
	}
	Scale(variance, inv)
}

// blockSums adds Σ x to sum, blockSquares Σ (x-mean)², over the rows of one block.
func blockSums(sum, x []float32) {
	d := len(sum)
	from, to := vectors(d)
	if from > 0 {
		blockSumsWide(from, len(x)/d, &x[0], 4*d, &sum[0])
	}
	if to > from {
		blockSumsOne(to-from, len(x)/d, &x[from], 4*d, &sum[from])
	}
	for j := to; j < d; j++ { // this defines blockSums
		var s float32
		for i := j; i < len(x); i += d {
			s += x[i]
		}
		sum[j] += s
	}
}

func blockSquares(sum, x, mean []float32) {
	d := len(sum)
	from, to := vectors(d)
	if from > 0 {
		blockSquaresWide(from, len(x)/d, &x[0], 4*d, &sum[0], &mean[0])
	}
	if to > from {
		blockSquaresOne(to-from, len(x)/d, &x[from], 4*d, &sum[from], &mean[from])
	}
	for j := to; j < d; j++ { // this defines blockSquares
		var s float32
		for i := j; i < len(x); i += d {
			v := x[i] - mean[j]
			s += float32(v * v)
		}
		sum[j] += s
	}
}

// vectors is how many of d channels fill groups of vectors, and how many single vectors.
func vectors(d int) (groups, all int) {
	if !fast {
		return 0, 0
	}
	return d &^ (chunk - 1), d &^ (width - 1)
}

// InverseRoot writes 1/√(x + eps) into y, which may be x.
func InverseRoot(y, x []float32, eps float32) {
	same("InverseRoot", "y", len(y), len(x))
	for i, v := range x {
		y[i] = 1 / sqrt(v+eps)
	}
}

// BatchNorm writes xhat = (x - mean)·rstd and y = xhat·gain + bias for the rows of x [rows, d]; mean, rstd, gain and bias
// are [d]. xhat may be nil; y may be x, xhat may not.
func BatchNorm(y, xhat, x, mean, rstd, gain, bias []float32, d int) {
	rowsOf("BatchNorm", len(x), d)
	same("BatchNorm", "y", len(y), len(x))
	if xhat != nil {
		same("BatchNorm", "xhat", len(xhat), len(x))
	}
	for _, v := range [4][]float32{mean, rstd, gain, bias} {
		same("BatchNorm", "a vector of channels", len(v), d)
	}
	_, done := vectors(d)
	if len(x) == 0 {
		return
	}
	if done > 0 {
		kept := &y[0] // not wanted: written where y follows
		if xhat != nil {
			kept = &xhat[0]
		}
		batchNormRows(len(x)/d, done/width, &x[0], &y[0], kept, 4*d, &mean[0], &rstd[0], &gain[0], &bias[0])
	}
	if done < d {
		batchNormScalar(y, xhat, x, mean, rstd, gain, bias, done, d)
	}
}

// batchNormScalar defines BatchNorm, for columns from..d.
func batchNormScalar(y, xhat, x, mean, rstd, gain, bias []float32, from, d int) {
	for i := 0; i < len(x); i += d {
		for j := from; j < d; j++ {
			h := float32((x[i+j] - mean[j]) * rstd[j])
			if xhat != nil {
				xhat[i+j] = h
			}
			y[i+j] = float32(h*gain[j]) + bias[j]
		}
	}
}

// BatchSums adds the sums over rows of dy to sum [d] and, unless dot is nil, of dy·xhat to dot [d]: the gradients of bias
// and gain.
func BatchSums(sum, dot, dy, xhat []float32, d int) {
	rows := rowsOf("BatchSums", len(dy), d)
	same("BatchSums", "sum", len(sum), d)
	if dot != nil {
		same("BatchSums", "dot", len(dot), d)
		same("BatchSums", "xhat", len(xhat), len(dy))
	}
	for i := 0; i < rows; i += bnBlock {
		n := min(bnBlock, rows-i) * d
		if dot == nil {
			blockSums(sum, dy[i*d:][:n])
		} else {
			blockDots(sum, dot, dy[i*d:][:n], xhat[i*d:][:n])
		}
	}
}

// blockDots adds Σ dy to sum and Σ dy·xhat to dot, over the rows of one block.
func blockDots(sum, dot, dy, xhat []float32) {
	d := len(sum)
	from, to := vectors(d)
	if from > 0 {
		blockDotsWide(from, len(dy)/d, &dy[0], &xhat[0], 4*d, &sum[0], &dot[0])
	}
	if to > from {
		blockDotsOne(to-from, len(dy)/d, &dy[from], &xhat[from], 4*d, &sum[from], &dot[from])
	}
	for j := to; j < d; j++ { // this defines blockDots
		var s, p float32
		for i := j; i < len(dy); i += d {
			s += dy[i]
			p += float32(dy[i] * xhat[i])
		}
		sum[j] += s
		dot[j] += p
	}
}

// BatchNormBack is the backward pass of batch norm whose mean and variance are those of the batch:
// dx = gain·rstd·(dy - mean(dy) - xhat·mean(dy·xhat)) for sum and dot, which BatchSums made of this batch alone from
// zero. dx may be dy. work holds 3·d numbers.
func BatchNormBack(dx, dy, xhat, rstd, gain, sum, dot, work []float32, d int) {
	rows := rowsOf("BatchNormBack", len(dy), d)
	same("BatchNormBack", "dx", len(dx), len(dy))
	same("BatchNormBack", "xhat", len(xhat), len(dy))
	for _, v := range [4][]float32{rstd, gain, sum, dot} {
		same("BatchNormBack", "a vector of channels", len(v), d)
	}
	needs("BatchNormBack", "work", len(work), 3*d)
	scale, m1, m2 := work[:d], work[d:2*d], work[2*d:3*d]
	inv := 1 / float32(rows)
	for j := range d {
		scale[j] = float32(gain[j] * rstd[j])
		m1[j] = float32(sum[j] * inv)
		m2[j] = float32(dot[j] * inv)
	}
	_, done := vectors(d)
	if len(dy) == 0 {
		return
	}
	if done > 0 {
		batchNormBackRows(rows, done/width, &dx[0], &dy[0], &xhat[0], 4*d, &m1[0], &m2[0], &scale[0])
	}
	if done < d {
		batchNormBackScalar(dx, dy, xhat, scale, m1, m2, done, d)
	}
}

// batchNormBackScalar defines BatchNormBack, for columns from..d.
func batchNormBackScalar(dx, dy, xhat, scale, m1, m2 []float32, from, d int) {
	for i := 0; i < len(dy); i += d {
		for j := from; j < d; j++ {
			v := dy[i+j] - m1[j]
			v -= float32(xhat[i+j] * m2[j])
			dx[i+j] = float32(v * scale[j])
		}
	}
}
