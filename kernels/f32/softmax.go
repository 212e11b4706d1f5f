package f32

import "math"

// Softmax writes the softmax of every row of x [rows, cols] into y, which may be x: exp(x - max) divided by its sum.
// The sum runs in increasing column; the division is a multiplication by its reciprocal.
func Softmax(y, x []float32, rows, cols int) {
	same("Softmax", "x", len(x), rows*cols)
	same("Softmax", "y", len(y), rows*cols)
	done := 0
	if fast && cols > 0 && cols <= sideBySide {
		done = rows &^ (lanes - 1)
		softmaxFours(y, x, done, cols)
	}
	for i := done; i < rows; i++ { // this defines Softmax
		row := y[i*cols:][:cols]
		sum := expRow(row, x[i*cols:][:cols])
		Scale(row, 1/sum)
	}
}

// sideBySide is the longest row that the vectorised softmax takes; four of them are copied into lanes, as the heads of
// attention are (see lanes), because a sum along one row may not be split. Longer rows, and up to three that are left,
// go one by one, with only exp in vectors.
const sideBySide = 128

// softmaxFours is Softmax for a multiple of four rows.
func softmaxFours(y, x []float32, rows, cols int) {
	var s [lanes * sideBySide]float32
	for i := 0; i < rows*cols; i += lanes * cols {
		rowsToLanes(s[:], x[i:], cols)
		lanesSoftmaxRows(1, cols, &s[0], &expTable[0])
		lanesToRows(y[i:], s[:], cols)
	}
}

// rowsToLanes copies four rows of x into lanes, [cols][4]; lanesToRows copies them back.
func rowsToLanes(s, x []float32, cols int) {
	gatherHeads(1, cols, &x[:lanes*cols][0], 0, 4*cols, 8*cols, &s[:lanes*cols][0], 0, 4*lanes)
}

func lanesToRows(y, s []float32, cols int) {
	scatterHeads(1, cols, &s[:lanes*cols][0], 0, 4*cols, 8*cols, &y[:lanes*cols][0], 0, 4*lanes)
}

// expRow writes exp(x - max) into y and returns its sum. cols of 0 give 0.
func expRow(y, x []float32) (sum float32) {
	if len(x) == 0 {
		return 0
	}
	most := largest(x)
	for j, v := range x {
		y[j] = v - most
	}
	Exp(y, y)
	for _, v := range y {
		sum += v
	}
	return sum
}

// largest is the maximum of x; a NaN behind the first element is passed over.
func largest(x []float32) float32 {
	most := x[0]
	for _, v := range x[1:] {
		if most < v {
			most = v
		}
	}
	return most
}

// CrossEntropy returns the mean over rows of -log softmax(logits)[label], logits [rows, classes], and writes its
// gradient with respect to logits, (softmax - one-hot)/rows, into dlogits unless that is nil. dlogits may be logits.
// The mean is summed in float64, in increasing row.
func CrossEntropy(dlogits, logits []float32, labels []int32, rows, classes int) (loss float32) {
	same("CrossEntropy", "logits", len(logits), rows*classes)
	same("CrossEntropy", "labels", len(labels), rows)
	if dlogits != nil {
		same("CrossEntropy", "dlogits", len(dlogits), rows*classes)
	}
	total, inv, done := 0.0, 1/float32(rows), 0
	if fast && classes > 0 && classes <= sideBySide {
		done = rows &^ (lanes - 1)
		total = crossEntropyFours(dlogits, logits, labels[:done], classes, inv)
	}
	for i, label := range labels[done:] { // this defines CrossEntropy
		i += done
		x := logits[i*classes:][:classes]
		most, at := largest(x), x[label]
		var sum float32
		if dlogits == nil {
			for _, v := range x {
				sum += Exp32(v - most)
			}
		} else {
			d := dlogits[i*classes:][:classes]
			sum = expRow(d, x)
			Scale(d, 1/sum)
			d[label]--
			Scale(d, inv)
		}
		total += logSum(sum) - float64(at-most)
	}
	return float32(total / float64(rows))
}

// crossEntropyFours is CrossEntropy for a multiple of four rows: it returns the sum of their losses.
func crossEntropyFours(dlogits, logits []float32, labels []int32, classes int, inv float32) (total float64) {
	var s [lanes * sideBySide]float32
	var sums [2 * lanes]float32 // the maxima of four rows, then the sums of their exponentials
	for i := 0; i < len(labels); i += lanes {
		x := logits[i*classes:][:lanes*classes]
		rowsToLanes(s[:], x, classes)
		lanesSoftmaxSums(1, classes, &s[0], &expTable[0], &sums[0])
		for l, label := range labels[i:][:lanes] {
			at := x[l*classes:][:classes][label]
			total += logSum(sums[lanes+l]) - float64(at-sums[l])
			s[int(label)*lanes+l]--
		}
		if dlogits != nil {
			Scale(s[:lanes*classes], inv)
			lanesToRows(dlogits[i*classes:], s[:], classes)
		}
	}
	return total
}

// logSum is the logarithm of a sum of exponentials; a sum that is no positive, finite number gives NaN.
func logSum(sum float32) float64 {
	if !(sum > 0 && sum <= math.MaxFloat32) {
		return math.NaN()
	}
	return logOf(float64(sum))
}
