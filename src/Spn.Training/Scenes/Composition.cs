using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>Composes a scene from back to front.</summary>
internal static class Composition
{
    /// <summary>Paints one scene and its mask.</summary>
    /// <param name="random">The scene's random numbers.</param>
    /// <param name="setting">The properties shared by all parts of the scene.</param>
    /// <param name="scene">The picture, which is painted completely.</param>
    /// <param name="mask">Zeros; receives the visible coverage of the object.</param>
    public static void Paint(SeededRandom random, Setting setting, Picture scene, Channel mask)
    {
        SceneOptions options = setting.Options;
        Background.Paint(random.Fork("background"), setting, scene);
        SeededRandom focus = random.Fork("defocus");
        bool defocused = focus.Chance(options.Defocus), nearFocus = focus.Chance(0.8f);
        float unfocused = setting.Unit * focus.LogBetween(0.8f, 7);
        if (defocused && nearFocus)
            Blur.Gaussian(scene, unfocused);

        SeededRandom uniform = random.Fork("uniform");
        bool isUniform = uniform.Chance(options.Uniform), everything = uniform.Chance(0.5f);
        if (!isUniform || everything)
            PaintObject(random, setting, scene, mask, isUniform, defocused && !nearFocus ? 0.4f * unfocused : 0);
        Dapple(random.Fork("dapple"), setting, scene);
    }

    private static void PaintObject(SeededRandom random, Setting setting, Picture scene, Channel mask, bool everything, float defocus)
    {
        SceneOptions options = setting.Options;
        SeededRandom shapes = random.Fork("shape");
        bool thin = shapes.Fork("thin").Chance(options.ThinParts);
        Shape kind = ShapeKinds.Of(shapes, thin), shape = kind;
        if (random.Fork("group").Chance(options.Group))
            shape = ShapeKinds.Group(shapes, shape);
        Shape placed = shape.Transformed(Placement.Of(random.Fork("placement"), shape, setting, everything));

        SeededRandom others = random.Fork("others");
        bool hasDistractors = others.Chance(options.Distractors), inFront = others.Chance(0.3f);
        if (hasDistractors && !inFront)
            PaintOther(others, random.Fork("body"), kind, setting, scene, mask);
        SeededRandom shadow = random.Fork("shadow");
        if (shadow.Chance(options.Shadow))
            Surroundings.CastShadow(shadow, placed, setting, scene);

        using Picture behind = scene.Copy();
        SeededRandom camouflage = random.Fork("camouflage");
        using Layer body = Body.Paint(
            random.Fork("body"), placed, setting.Palette, setting, camouflage.Chance(options.Camouflage) ? scene : null);
        SeededRandom clutter = random.Fork("clutter");
        if (clutter.Chance(options.Clutter))
            Surroundings.AddClutter(clutter, body.Alpha, setting, scene);

        SeededRandom motion = random.Fork("motion");
        if (motion.Chance(options.MotionBlur))
        {
            Vector2 line = setting.Unit * motion.LogBetween(2, 14) * motion.Direction();
            if (motion.Chance(0.55f))
                body.Change(channel => Blur.Motion(channel, line), line.Length() / 2 + 2);
            else
                Array.ForEach(scene.Channels, channel => Blur.Motion(channel, line)); // the camera tracks the object
        }
        if (defocus > 0)
            body.Change(channel => Blur.Gaussian(channel, defocus), 3 * defocus);

        SeededRandom glass = random.Fork("translucency");
        bool translucent = glass.Chance(options.Translucency), soft = glass.Chance(0.3f);
        float opacity = translucent ? glass.Between(soft ? 0.55f : 0.4f, 0.88f) : 1;
        body.Over(scene, mask, soft ? opacity : 1, opacity);
        if (hasDistractors && inFront)
            PaintOther(others, random.Fork("body"), kind, setting, scene, mask);

        SeededRandom occluder = random.Fork("occluder");
        if (occluder.Chance(options.Occluders) && !body.Bounds.IsEmpty)
            Occluders.Add(occluder, body.Bounds, setting, behind, scene, mask);
    }

    /// <summary>Another object of the same kind, mostly of the same materials, that is not part of the mask.</summary>
    private static void PaintOther(SeededRandom random, SeededRandom look, Shape kind, Setting setting, Picture scene, Channel mask)
    {
        Shape placed = kind.Transformed(Placement.Of(random.Fork("placement"), kind, setting, everything: false));
        using Layer other = Body.Paint(random.Chance(0.7f) ? look : random.Fork("body"), placed, setting.Palette, setting);
        other.Over(scene, mask, 0);
    }

    /// <summary>Light through leaves, or the shadow of something outside the scene, on object and background alike.</summary>
    private static void Dapple(SeededRandom random, Setting setting, Picture scene)
    {
        if (!random.Chance(0.3 * setting.Options.InnerEdges))
            return;
        using NoiseField noise = new(random, random.Between(0.2f, 0.5f), random.Of(2, 4, 8));
        float scale = 1 / (setting.Unit * random.Between(0.6f, 2)), threshold = random.Between(-0.7f, 0.7f),
            sharpness = random.LogBetween(0.5f, 8), dark = random.Between(0.2f, 0.65f);
        for (int y = 0; y < scene.Height; y++)
        {
            Span<float> red = scene.Red.Row(y), green = scene.Green.Row(y), blue = scene.Blue.Row(y);
            for (int x = 0; x < red.Length; x++)
            {
                float light = 1 - dark * Math.Clamp(0.5f + sharpness * (noise.At(x * scale, y * scale) - threshold), 0, 1);
                red[x] *= light;
                green[x] *= light;
                blue[x] *= light;
            }
        }
    }
}
