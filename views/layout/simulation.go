package layout

import "context"

type simulationKey struct{}

// WithSimulation makes every page say that everything is simulated.
func WithSimulation(ctx context.Context) context.Context {
	return context.WithValue(ctx, simulationKey{}, true)
}

func simulated(ctx context.Context) bool { return ctx.Value(simulationKey{}) != nil }
