// node example.js losses.node
const losses = require(require("path").resolve(process.argv[2]))

const huber = losses.make("huber", JSON.stringify({ delta: 0.5 }))
const gradient = new Float64Array(3)
const value = losses.evaluate(huber, Float64Array.of(1.1, 2, 4), Float64Array.of(1, 2, 3), gradient)
console.log(`${value}, gradient ${gradient}`)
for (const wrong of [() => losses.make("hubr"), () => losses.evaluate(huber, gradient, new Float64Array(2))]) {
  try { wrong() } catch (error) { console.log(error.message) }
}
