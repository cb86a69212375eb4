using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>
/// Maps pixels to a texture's coordinates: rotated and stretched, either flat or as a plane that recedes to a horizon.
/// </summary>
internal readonly struct Frame
{
    private readonly Matrix3x2 _turn;
    private readonly float _horizon, _fall;

    /// <summary>A flat texture.</summary>
    /// <param name="random">Determines the rotation, the stretch and the position.</param>
    /// <param name="scale">Pixels per unit of the texture.</param>
    /// <param name="stretch">The maximum ratio of the units along the two axes.</param>
    public Frame(SeededRandom random, float scale, float stretch = 1.6f)
    {
        float wide = random.LogBetween(1, stretch);
        _turn = Matrix3x2.CreateRotation(random.Chance(0.4f) ? 0.1f * random.Normal() : random.Between(0, MathF.Tau))
            * Matrix3x2.CreateScale(1 / (scale * wide), wide / scale)
            * Matrix3x2.CreateTranslation(random.Between(0, 4096), random.Between(0, 4096));
    }

    private Frame(Matrix3x2 turn, float horizon, float fall) => (_turn, _horizon, _fall) = (turn, horizon, fall);

    /// <summary>The same texture on the ground: units shrink towards the horizon.</summary>
    /// <param name="horizon">The row of the horizon; no pixels above it are requested.</param>
    /// <param name="depth">The distance below the horizon, in pixels, at which a unit has its full size.</param>
    public Frame OnGround(float horizon, float depth) => new(_turn, horizon, depth);

    public Vector2 At(float x, float y)
    {
        if (_fall > 0)
        {
            float near = Math.Max(0.08f, (y - _horizon + 2) / _fall);
            (x, y) = ((x - 128) / near, _fall * (1 - 1 / near));
        }
        return Vector2.Transform(new(x, y), _turn);
    }
}
