using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>Living things: people, four-legged animals, birds, fish.</summary>
internal static class Creatures
{
    /// <summary>A person in a random pose: skin (0), a top (1), trousers (2), hair and shoes (3).</summary>
    public static Shape Person(SeededRandom random)
    {
        float build = random.Between(0.8f, 1.35f), lean = 0.15f * random.Normal();
        Vector2 hip = new(0, 0.05f), neck = new(lean, -0.55f), head = neck + new Vector2(0.5f * lean, -0.2f);
        List<Part> parts = [];
        for (int side = -1; side <= 1; side += 2)
        {
            float thigh = MathF.PI / 2 + 0.4f * random.Normal();
            float shin = thigh + random.Between(-0.1f, 0.9f) * (random.Chance(0.5f) ? 1 : 0.2f);
            Vector2 start = hip + new Vector2(0.09f * side * build, 0), knee = start + 0.45f * SeededRandom.Angle(thigh),
                foot = knee + 0.45f * SeededRandom.Angle(shin);
            bool shorts = random.Chance(0.3f);
            parts.Add(new([Outlines.Limb([start, knee, foot], [0.24f * build, 0.17f * build, 0.1f * build])], shorts ? 0 : 2));
            if (shorts)
                parts.Add(new([Outlines.Limb([start, Vector2.Lerp(start, knee, 0.8f)], [0.27f * build, 0.23f * build])], 2));
            parts.Add(new([Outlines.Limb([foot, foot + new Vector2(0.13f, 0.03f)], [0.1f, 0.08f])], 3));
        }
        parts.Add(new([Outlines.Limb([hip, Vector2.Lerp(hip, neck, 0.5f), neck + new Vector2(0, 0.06f)],
            [0.33f * build, 0.32f * build, 0.4f * build])], 1));
        if (random.Chance(0.5f))
        {
            Vector2 left = hip + new Vector2(-0.17f * build, -0.02f), right = hip + new Vector2(0.17f * build, 0);
            parts.Add(new([Outlines.Limb([left, right], [0.05f, 0.05f])], 3, OnTop: true));
        }
        for (int side = -1; side <= 1; side += 2)
        {
            float upper = random.Between(0, MathF.PI) * (random.Chance(0.3f) ? -1 : 1), lower = upper + 0.8f * random.Normal();
            Vector2 start = neck + new Vector2(0.18f * side * build, 0.08f), elbow = start + 0.3f * SeededRandom.Angle(upper),
                hand = elbow + 0.3f * SeededRandom.Angle(lower);
            parts.Add(
                new([Outlines.Limb([start, elbow, hand], [0.15f * build, 0.11f * build, 0.08f * build])], random.Chance(0.5f) ? 1 : 0));
            parts.Add(new([Outlines.Ellipse(random, hand, 0.06f, 0.05f)], 0));
        }
        parts.Add(new([Outlines.Limb([neck, head], [0.13f, 0.12f])], 0));
        parts.Add(new([Outlines.Ellipse(random, head, 0.125f, 0.165f, 0.2f * random.Normal())], 0));
        parts.Add(new([Outlines.Blob(random, head + new Vector2(0.03f * random.Normal(), -0.07f), new(0.15f, 0.12f), 0, 0.08f)], 3));
        if (random.Chance(0.4f))
            parts.Add(new([Outlines.Blob(random, head + new Vector2(0, 0.1f), new(0.15f, 0.25f), 0.2f * random.Normal(), 0.1f)], 3));
        return new(parts);
    }

    /// <summary>A four-legged animal from the side: coat (0), legs or belly (1), eyes, hooves and markings (2).</summary>
    public static Shape Beast(SeededRandom random)
    {
        float length = random.Between(0.5f, 0.85f), depth = random.Between(0.2f, 0.42f), leg = random.Between(0.25f, 0.75f),
            thick = random.Between(0.08f, 0.2f);
        Vector2 shoulder = new(length * 0.8f, -0.1f), rump = new(-length * 0.8f, -0.1f + 0.1f * random.Normal());
        int legs = random.Chance(0.4f) ? 1 : 0;
        List<Part> parts = [];
        for (int i = 0; i < 4; i++)
        {
            Vector2 top = (i % 2 == 0 ? shoulder : rump) + new Vector2(0.06f * random.Normal(), 0.1f);
            Vector2 knee = top + new Vector2(0.12f * random.Normal(), 0.55f * leg + 0.1f),
                foot = knee + new Vector2(0.1f * random.Normal(), 0.5f * leg);
            parts.Add(new([Outlines.Limb([top, knee, foot], [1.9f * thick, thick, 0.7f * thick])], legs));
            if (random.Chance(0.5f))
                parts.Add(new([Outlines.Limb([foot, foot + new Vector2(0.6f * thick, 0)], [0.8f * thick, 0.6f * thick])], 2));
        }
        Vector2 tail = rump + new Vector2(-0.15f - 0.3f * random.Next(), 0.3f * random.Normal());
        parts.Add(new([Outlines.Limb([rump, Vector2.Lerp(rump, tail, 0.5f) + new Vector2(0, 0.1f * random.Normal()), tail],
            [0.16f, 0.1f, random.Chance(0.3f) ? 0.2f : 0.03f])], 0));
        parts.Add(
            new([Outlines.Blob(random, Vector2.Lerp(shoulder, rump, 0.5f), new(length, depth), 0.08f * random.Normal(), 0.05f, 5)], 0));
        float reach = random.Between(0.15f, 0.6f), up = random.Between(-0.2f, 1.2f), size = random.Between(0.13f, 0.26f);
        Vector2 head = shoulder + reach * SeededRandom.Angle(-up) + new Vector2(0.12f, 0);
        parts.Add(new([Outlines.Limb([shoulder, Vector2.Lerp(shoulder, head, 0.6f), head], [1.5f * depth, 1.6f * size, 1.3f * size])], 0));
        for (int i = 0; i < 2; i++)
            parts.Add(new([Outlines.Leaf(head + new Vector2((i - 0.5f) * size, -0.3f * size),
                size * random.Between(0.7f, 2) * SeededRandom.Angle(-1.6f + 0.5f * random.Normal()), random.Between(0.3f, 0.8f))], 0));
        if (random.Chance(0.25f))
            parts.Add(new([Outlines.Limb([head, head + new Vector2(0.05f, -1.6f * size),
                head + new Vector2(0.3f * random.Normal(), -2.6f * size)], [0.05f, 0.04f, 0.015f])], 2));
        parts.Add(new([Outlines.Ellipse(random, head, size, size * 0.85f)], 0));
        parts.Add(new([Outlines.Limb([head, head + size * 1.5f * SeededRandom.Angle(random.Between(0, 0.8f))], [1.2f * size, 0.7f * size])],
            random.Chance(0.3f) ? 1 : 0));
        parts.Add(
            new([Outlines.Ellipse(random, head + new Vector2(0.3f * size, -0.2f * size), 0.12f * size, 0.12f * size)], 2, OnTop: true));
        return new(parts);
    }

    /// <summary>A bird, sitting or with spread wings: feathers (0), wings (1), beak and legs (2).</summary>
    public static Shape Bird(SeededRandom random)
    {
        List<Part> parts = [];
        Vector2 chest = new(0.3f, 0), rear = new(-0.45f, 0.08f * random.Normal());
        if (random.Chance(0.6f))
        {
            for (int side = 0; side < 2; side++)
            {
                float angle = -random.Between(0.5f, 2.4f) + (side == 1 && random.Chance(0.5f) ? 2.5f : 0);
                float reach = random.Between(0.6f, 1.1f);
                Vector2 root = new(0.1f, 0);
                int feathers = random.Count(6, 12);
                Vector2[][] fan = [.. Enumerable.Range(0, feathers).Select(i =>
                    Outlines.Leaf(root + (0.6f * i / feathers) * reach * SeededRandom.Angle(angle),
                        (0.4f + 0.6f * i / feathers) * reach * SeededRandom.Angle(angle - 1.1f * (1 - (float)i / feathers)), 0.28f))];
                parts.Add(new([Outlines.Limb([root, root + reach * 0.7f * SeededRandom.Angle(angle)], [0.3f, 0.1f]), .. fan], 1));
            }
        }
        for (int i = -1; i <= 1; i++)
            parts.Add(new([Outlines.Leaf(rear + new Vector2(0.15f, 0), 0.6f * SeededRandom.Angle(MathF.PI + 0.25f * i), 0.3f)], 0));
        for (int i = 0; i < 2; i++)
            parts.Add(new([Outlines.Limb([new(0.08f * i, 0.1f), new(0.1f * i + 0.05f * random.Normal(), 0.55f)], [0.04f, 0.03f])], 2));
        Vector2 head = chest + random.Between(0.15f, 0.6f) * SeededRandom.Angle(-random.Between(0.3f, 1.6f));
        parts.Add(new([Outlines.Blob(random, Vector2.Lerp(chest, rear, 0.5f), new(0.45f, 0.24f), 0.1f * random.Normal(), 0.04f, 5)], 0));
        parts.Add(new([Outlines.Limb([chest, Vector2.Lerp(chest, head, 0.6f), head], [0.36f, 0.18f, 0.16f])], 0));
        parts.Add(new([Outlines.Ellipse(random, head, 0.13f, 0.11f)], 0));
        parts.Add(new([Outlines.Leaf(head + new Vector2(0.08f, 0), new(random.Between(0.1f, 0.4f), 0.05f * random.Normal()), 0.4f)], 2));
        parts.Add(new([Outlines.Ellipse(random, head + new Vector2(0.04f, -0.03f), 0.02f, 0.02f)], 2, OnTop: true));
        return new(parts);
    }

    /// <summary>A fish: body (0), fins (1), eye (2).</summary>
    public static Shape Fish(SeededRandom random)
    {
        float depth = random.Between(0.2f, 0.5f), bend = 0.2f * random.Normal();
        List<Part> parts = [];
        for (int i = -1; i <= 1; i += 2)
        {
            parts.Add(
                new([Outlines.Leaf(new(-0.6f, bend), 0.55f * SeededRandom.Angle(MathF.PI + i * random.Between(0.3f, 0.8f)), 0.5f)], 1));
            Vector2 from = new(0.2f * random.Normal(), 0.7f * depth * i);
            parts.Add(new([Outlines.Leaf(from, random.Between(0.3f, 0.7f) * SeededRandom.Angle(i * 2.2f), 0.6f)], 1));
        }
        parts.Add(new([Outlines.Limb([new(0.75f, 0), new(0.3f, -0.2f * bend), new(-0.3f, 0.2f * bend), new(-0.7f, bend)],
            [0.3f * depth, 2 * depth, 1.4f * depth, 0.25f * depth])], 0));
        parts.Add(new([Outlines.Ellipse(random, new(0.6f, -0.08f), 0.05f, 0.05f)], 2, OnTop: true));
        return new(parts);
    }
}
