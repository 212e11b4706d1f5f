package f32

import "math"

// Softmax writes the softmax of every row of x [rows, cols] into y, which may be x: exp(x - max) divided by its sum.
// The sum runs in increasing column; the division is a multiplication by its reciprocal.
func Softmax(y, x []float32, rows, cols int) {
	same("Softmax", "x", len(x), rows*cols)
	same("Softmax", "y", len(y), rows*cols)
	for i := range rows {
		row := y[i*cols:][:cols]
		sum := expRow(row, x[i*cols:][:cols])
		Scale(row, 1/sum)
	}
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
	total, inv := 0.0, 1/float32(rows)
	for i, label := range labels {
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

// logSum is the logarithm of a sum of exponentials; a sum that is no positive, finite number gives NaN.
func logSum(sum float32) float64 {
	if !(sum > 0 && sum <= math.MaxFloat32) {
		return math.NaN()
	}
	return logOf(float64(sum))
}
