package sam

// lesson is of no use to a worker, which every visitor fetches.
const lesson = ""
