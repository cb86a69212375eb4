using Spn.Imaging;
using Spn.Models;

namespace Spn.Refinement;

/// <summary>
/// Image and masks of one size → guidance → propagation → refined masks. A method that corrects masks near their boundaries runs only
/// there: its guidance pass sees the rectangle around all masks, its propagation pass that around each mask.
/// </summary>
/// <param name="method">The method.</param>
/// <param name="isTrusted">Whether the method is one of this library, whose results need no check.</param>
/// <param name="focuses">Whether it works only where masks leave something to decide, if the method allows it.</param>
internal sealed class Pipeline(IRefinementMethod method, bool isTrusted, bool focuses)
{
    /// <summary>The largest share of the guidance's pixels at which a mask gets a part of the guidance instead of all of it.</summary>
    private const double MaxPart = 0.5;

    /// <summary>The most masks whose rectangles are copied together, so that copies stay small.</summary>
    private const int MaxTogether = 8;

    /// <summary>Runs guidance and propagation.</summary>
    /// <param name="image"><c>[3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="masks"><c>[K, H, W]</c>, in 0..1.</param>
    /// <param name="kind">What the K masks are.</param>
    /// <param name="refined">Receives the refined masks, <c>[K, H, W]</c>.</param>
    /// <param name="stages">Notified when each stage ends.</param>
    /// <exception cref="InvalidOperationException">A custom method returned NaN, or a value outside 0..1.</exception>
    public void Run(Planes image, Planes masks, MapKind kind, Planes refined, Stages stages)
    {
        if (method is not ILocalMethod local)
        {
            RunWhole(image, masks, refined, stages);
            return;
        }
        ClassCompetition? classes = kind == MapKind.Classes ? new ClassCompetition(masks) : null;
        Focus[] open = new Focus[masks.Count];
        Focus all = default;
        for (int k = 0; k < open.Length; k++)
        {
            open[k] = focuses ? OpenPart(image, masks, k, classes, local) : Focus.Whole(image);
            all = all.With(open[k]);
        }
        masks.All.CopyTo(refined.All);
        if (all.IsEmpty)
        {
            stages.End(Stage.Guidance);
            stages.End(Stage.Propagation);
            return;
        }
        using IGuidance guidance = Guide(image, all);
        stages.End(Stage.Guidance);
        bool haveParts = guidance is ICroppableGuidance && Array.Exists(open, focus => focus.Pixels <= MaxPart * all.Pixels);
        if (classes is null && !haveParts)
        {
            RefineTogether(guidance, all, masks, refined, stages);
        }
        else
        {
            for (int k = 0; k < masks.Count; k++)
            {
                stages.Cancellation.ThrowIfCancellationRequested();
                RefineOne(guidance, all, masks, k, open[k], classes, refined);
            }
        }
        stages.End(Stage.Propagation);
    }

    /// <summary>Bytes of the copies of rectangles, besides what the method takes.</summary>
    /// <param name="pixels">The image's pixels.</param>
    /// <param name="masks">The number of masks.</param>
    public static long CopiedBytes(long pixels, int masks) => sizeof(float) * pixels * (3L + 2 * Math.Min(masks, MaxTogether));

    /// <summary>The rectangle that a mask leaves open, and what the method may correct or look at around it.</summary>
    private static Focus OpenPart(Planes image, Planes masks, int k, ClassCompetition? classes, ILocalMethod local)
    {
        Focus tight = Focus.Of(masks[k], masks.Width);
        if (classes is not null)
            tight = tight.With(classes.FocusOf(k));
        return tight.Grown(local.Reach(image.Width, image.Height), image.Width, image.Height);
    }

    private void RunWhole(Planes image, Planes masks, Planes refined, Stages stages)
    {
        using IGuidance guidance = method.Guide(image.All, image.Width, image.Height);
        stages.End(Stage.Guidance);
        if (!isTrusted)
            refined.All.Clear(); // memory of other calls
        guidance.Propagate(masks.All, refined.All);
        if (!isTrusted)
            Check(refined.All);
        stages.End(Stage.Propagation);
    }

    private IGuidance Guide(Planes image, Focus focus)
    {
        if (focus.IsWhole(image))
            return method.Guide(image.All, image.Width, image.Height);
        using Planes part = focus.PartOf(image).Cut(image);
        return method.Guide(part.All, part.Width, part.Height);
    }

    /// <summary>Refines all masks in the rectangle around all of them.</summary>
    private static void RefineTogether(IGuidance guidance, Focus guided, Planes masks, Planes refined, Stages stages)
    {
        if (guided.IsWhole(masks))
        {
            guidance.Propagate(masks.All, refined.All);
            return;
        }
        Part part = guided.PartOf(masks);
        for (int first = 0; first < masks.Count; first += MaxTogether)
        {
            stages.Cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(MaxTogether, masks.Count - first);
            using Planes before = new(count, guided.Height, guided.Width), after = new(count, guided.Height, guided.Width);
            for (int i = 0; i < count; i++)
                part.Cut(masks, first + i, before[i]);
            guidance.Propagate(before.All, after.All);
            for (int i = 0; i < count; i++)
                part.AddChange(before[i], after[i], refined, first + i);
        }
    }

    /// <summary>Refines one mask in the rectangle that it leaves open.</summary>
    private static void RefineOne(
        IGuidance guidance, Focus guided, Planes masks, int k, Focus open, ClassCompetition? classes, Planes refined)
    {
        if (open.IsEmpty)
            return;
        IGuidance? smaller = guidance is ICroppableGuidance whole && open.Pixels <= MaxPart * guided.Pixels
            ? whole.Crop(open.Within(guided).Top, open.Within(guided).Left, open.Height, open.Width)
            : null;
        using (smaller)
        {
            Part part = (smaller is null ? guided : open).PartOf(masks);
            using Planes before = new(classes is null ? 1 : 2, part.Rows.Length, part.Columns.Length);
            using Planes after = new(before.Count, before.Height, before.Width);
            part.Cut(masks, k, before[0]);
            classes?.CutWon(k, part, before[1]);
            (smaller ?? guidance).Propagate(before.All, after.All);
            if (classes is not null)
            {
                if (Focus.Of(before[1], before.Width).IsEmpty)
                    before[1].CopyTo(after[1]); // the class wins all of a tile, or nothing
                ClassCompetition.Mix(after[0], after[1]);
            }
            part.AddChange(before[0], after[0], refined, k);
        }
    }

    private void Check(Span<float> refined)
    {
        try
        {
            UnitRange.Clamp("refined", refined);
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException($"{method.GetType().Name} returned values that are no probabilities. {e.Message}", e);
        }
    }
}
