using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>Man-made shapes: cars, bicycles, furniture, frames and nets.</summary>
internal static class ManMadeShapes
{
    /// <summary>A car, van or truck from the side: body (0), glass (1), tyres and bumpers (2), hubs and lights (3).</summary>
    public static Shape Car(SeededRandom random)
    {
        float height = random.Between(0.2f, 0.4f), roof = random.Between(0.2f, 0.5f), front = random.Between(0.3f, 0.85f),
            back = random.Between(0.5f, 0.95f), wheel = random.Between(0.14f, 0.24f);
        float sill = 0.2f, waist = sill - height;
        Vector2[] cabin = [new(-back, waist), new(-back + random.Between(0.02f, 0.35f), waist - roof),
            new(front - random.Between(0.15f, 0.5f), waist - roof), new(front, waist)];
        List<Part> parts = [];
        for (int i = -1; i <= 1; i += 2)
            parts.Add(new([Outlines.Ellipse(random, new(0.58f * i, sill + 0.02f), wheel, wheel)], 2));
        parts.Add(new([Outlines.Rounded(cabin, 2)], 0));
        Vector2[] body =
        [
            new(-1, waist), new(0.9f, waist + random.Between(0, 0.12f)), new(1, sill - 0.08f), new(0.95f, sill), new(-0.98f, sill),
        ];
        parts.Add(new([Outlines.Rounded(body, 2)], 0));
        int windows = random.Count(1, 4);
        for (int i = 0; i < windows; i++)
        {
            float from = (i + 0.12f) / windows, to = (i + 0.88f) / windows;
            parts.Add(new([Outlines.Rounded([Low(from), High(from), High(to), Low(to)], 1)], 1, OnTop: true));
            parts.Add(new([Outlines.Limb([Low(to) + new Vector2(0.02f, 0), Low(to) + new Vector2(0.02f, height)], [0.012f, 0.012f])], 2,
                OnTop: true));
        }
        for (int i = -1; i <= 1; i += 2)
        {
            parts.Add(new([Outlines.Ellipse(random, new(0.58f * i, sill + 0.02f), 0.97f * wheel, 0.97f * wheel)], 2));
            parts.Add(new([Outlines.Ellipse(random, new(0.58f * i, sill + 0.02f), 0.6f * wheel, 0.6f * wheel)], 3, OnTop: true));
            parts.Add(new([Outlines.Ellipse(random, new(0.92f * i, waist + 0.12f), 0.06f, 0.04f)], 3, OnTop: true));
        }
        return new(parts);

        Vector2 Low(float at) => Vector2.Lerp(cabin[0], cabin[3], 0.06f + 0.88f * at) + new Vector2(0, -0.02f);

        Vector2 High(float at) => Vector2.Lerp(cabin[1], cabin[2], 0.06f + 0.88f * at) + new Vector2(0, 0.05f);
    }

    /// <summary>
    /// A bicycle or motorcycle, often with its rider: rider (0-3 as for a person), frame (4), tyres (5). Most of it is thin, with holes.
    /// </summary>
    public static Shape Bicycle(SeededRandom random)
    {
        float wheel = random.Between(0.26f, 0.36f), tube = random.Between(0.02f, 0.07f), tyre = random.Between(0.02f, 0.06f);
        Vector2 rear = new(-0.5f, 0.55f), front = new(0.5f, 0.55f), pedals = new(-0.05f, 0.58f), seat = new(-0.2f, 0.05f),
            steering = new(0.35f, 0.02f), bar = steering + new Vector2(0.05f, -0.12f);
        List<Part> parts = [];
        foreach (Vector2 hub in new[] { rear, front })
        {
            parts.Add(new([Outlines.Ellipse(random, hub, wheel, wheel), Outlines.Ellipse(random, hub, wheel - tyre, wheel - tyre)], 5,
                EvenOdd: true));
            int spokes = random.Of(0, 5, 8, 14);
            for (int i = 0; i < spokes; i++)
                parts.Add(
                    new([Outlines.Limb([hub, hub + wheel * SeededRandom.Angle(MathF.Tau * (i + 0.3f) / spokes)], [0.008f, 0.008f])], 5));
        }
        Vector2[][] tubes = [Tube(rear, pedals), Tube(pedals, seat), Tube(seat, rear), Tube(pedals, steering), Tube(seat, steering),
            Tube(front, bar), Tube(bar, bar + new Vector2(-0.1f, -0.03f))];
        parts.Add(new(tubes, 4));
        parts.Add(new([Outlines.Limb([seat + new Vector2(-0.1f, -0.02f), seat + new Vector2(0.1f, -0.02f)], [0.07f, 0.04f])], 5));
        if (random.Chance(0.7f))
            AddRider(random, parts, pedals, seat, bar);
        return new(parts);

        Vector2[] Tube(Vector2 from, Vector2 to) => Outlines.Limb([from, to], [tube, tube]);
    }

    /// <summary>A chair, table or shelf: boards (0) and legs (1), with open space between them.</summary>
    public static Shape Furniture(SeededRandom random)
    {
        float leg = random.Between(0.03f, 0.12f), board = random.Between(0.05f, 0.2f), top = random.Between(-0.3f, 0.1f);
        List<Part> parts = [new([Outlines.Rectangle(-0.7f, top, 0.7f, top + board)], 0)];
        foreach (float x in new[] { -0.65f, -0.4f, 0.45f, 0.65f })
            parts.Add(new([Outlines.Limb([new(x, top + board / 2), new(x + 0.06f * random.Normal(), 0.9f)], [leg, 0.7f * leg])], 1));
        if (random.Chance(0.6f))
        {
            parts.Add(new([Outlines.Limb([new(-0.66f, top), new(-0.75f, -0.95f)], [leg, leg]),
                Outlines.Limb([new(0.66f, top), new(0.75f, -0.95f)], [leg, leg])], 1));
            int bars = random.Count(1, 4);
            for (int i = 0; i < bars; i++)
                parts.Add(new([Outlines.Rectangle(-0.72f, -0.95f + 0.6f * i / bars, 0.72f,
                    -0.95f + 0.6f * i / bars + random.Between(0.05f, 0.16f))], 0));
        }
        return new(parts);
    }

    /// <summary>A ladder, fence, net or frame: bars (0), with the background visible between them.</summary>
    public static Shape Grid(SeededRandom random)
    {
        int columns = random.Count(1, 7), rows = random.Count(1, 5);
        float bar = random.Between(0.02f, 0.16f) * Math.Min(1, 4f / columns);
        List<Vector2[]> bars = [];
        for (int i = 0; i <= columns; i++)
            bars.Add(
                Outlines.Limb([new(2f * i / columns - 1, -0.9f), new(2f * i / columns - 1 + 0.05f * random.Normal(), 0.9f)], [bar, bar]));
        for (int i = 0; i <= rows; i++)
            bars.Add(
                Outlines.Limb([new(-1, 1.7f * i / rows - 0.85f), new(1, 1.7f * i / rows - 0.85f + 0.05f * random.Normal())], [bar, bar]));
        return Shape.Of(new Part([.. bars], 0));
    }

    /// <summary>A cup, a tool, a letter: a body (0) with a handle or a hole.</summary>
    public static Shape Holed(SeededRandom random)
    {
        Vector2[] outer = random.Chance(0.5f) ? Outlines.Blob(random, default, new(0.9f, 0.7f), 0, 0.1f) : Outlines.Polygon(random);
        List<Vector2[]> contours = [outer];
        int holes = random.Count(1, 3);
        for (int i = 0; i < holes; i++)
        {
            Vector2 at = holes == 1 ? 0.1f * random.Direction() : 0.4f * SeededRandom.Angle(MathF.Tau * i / holes);
            float size = (holes == 1 ? 0.45f : 0.22f) * random.Between(0.5f, 1.1f);
            contours.Add(Outlines.Blob(random, at, new(size, size * random.Between(0.6f, 1)), 0, 0.08f));
        }
        return Shape.Of(new Part([.. contours], 0, EvenOdd: true));
    }

    private static void AddRider(SeededRandom random, List<Part> parts, Vector2 pedals, Vector2 seat, Vector2 bar)
    {
        Vector2 hip = seat + new Vector2(0, -0.05f), neck = hip + new Vector2(random.Between(0.15f, 0.4f), -0.5f),
            head = neck + new Vector2(0.08f, -0.16f);
        parts.Add(new([Outlines.Limb([hip, new(0.2f, 0.25f), pedals + new Vector2(0.05f, 0.02f)], [0.22f, 0.15f, 0.08f])], 2));
        parts.Add(new([Outlines.Limb([hip, Vector2.Lerp(hip, neck, 0.5f), neck], [0.26f, 0.27f, 0.24f])], 1));
        parts.Add(new([Outlines.Limb([neck + new Vector2(0, 0.06f), Vector2.Lerp(neck, bar, 0.5f) + new Vector2(-0.02f, 0.1f), bar],
            [0.14f, 0.1f, 0.07f])], random.Of(0, 1)));
        parts.Add(new([Outlines.Ellipse(random, head, 0.11f, 0.14f)], 0));
        parts.Add(new([Outlines.Blob(random, head + new Vector2(-0.02f, -0.06f), new(0.14f, 0.11f), 0, 0.05f)], 3));
    }
}
